# SPDX-License-Identifier: BSD-3-Clause
#
# The SYNOPSIS of a manual page in mdoc as C.  A name that a header has defined
# as a macro is left out of it.  With -v names=1: the names alone, a line each.

# Splits the arguments of a macro line into args[1..n], and returns n.
function split_args(line, n, word) {
	sub(/^[.][A-Z][a-z]+ */, "", line)
	n = 0
	while (line != "") {
		if (line ~ /^"/) {
			line = substr(line, 2)
			word = line
			sub(/".*/, "", word)
			line = substr(line, length(word) + 2)
		} else {
			word = line
			sub(/ .*/, "", word)
			line = substr(line, length(word) + 1)
		}
		sub(/^ */, "", line)
		args[++n] = word
	}
	return n
}

function function_is(name, parameters) {
	if (names)
		print name
	else
		print "#ifndef " name "\n" type " " name "(" \
			(parameters == "" ? "void" : parameters) ");\n#endif"
}

function variable_is(declaration) {
	if (!names) {
		print declaration ";"
		return
	}
	sub(/\)\(.*/, "", declaration)
	sub(/.*[ *]/, "", declaration)
	print declaration
}

/^[.]Sh / { inside = $2 == "SYNOPSIS" }
!inside { next }
/^[.]In / && !names { print "#include <" $2 ">" }
/^[.]Fd / && !names { sub(/^[.]Fd /, ""); print }
/^[.]Vt / { split_args($0); variable_is(args[1]) }
/^[.]Ft / { n = split_args($0); type = args[1]
	for (i = 2; i <= n; i++)
		type = type " " args[i] }
/^[.]Fn / { n = split_args($0); list = ""
	for (i = 2; i <= n; i++)
		list = list (i > 2 ? ", " : "") args[i]
	function_is(args[1], list) }
/^[.]Fo / { split_args($0); name = args[1]; list = "" }
/^[.]Fa / { n = split_args($0)
	for (i = 1; i <= n; i++)
		list = list (list != "" ? ", " : "") args[i] }
/^[.]Fc/ { function_is(name, list) }
