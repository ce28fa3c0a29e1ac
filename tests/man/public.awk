# SPDX-License-Identifier: BSD-3-Clause
#
# The functions that headers declare, and the macros with arguments that they
# define, a name a line.  Knows as much C as our headers have: comments start
# and end lines or stand after code, a declaration ends with a semicolon, and
# what has "(*" after its type is a pointer to a function.

function strip(s) {
	while (match(s, /\/\*[^*]*\*+([^\/*][^*]*\*+)*\//))
		s = substr(s, 1, RSTART - 1) " " substr(s, RSTART + RLENGTH)
	return s
}

function declared(s) {
	gsub(/\n/, " ", s)
	if (s ~ /typedef/)
		return
	if (match(s, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
		name = substr(s, RSTART, RLENGTH)
		sub(/[ \t]*\($/, "", name)
		if (substr(s, RSTART + RLENGTH, 1) != "*")
			print name
	}
}

{ text = text $0 "\n" }

END {
	text = strip(text)
	n = split(text, lines, "\n")
	for (i = 1; i <= n; i++) {
		line = lines[i]
		if (line ~ /^#/) {
			if (line ~ /^#[ \t]*define [A-Za-z][A-Za-z_0-9]*\(/) {
				sub(/^#[ \t]*define /, "", line)
				sub(/\(.*/, "", line)
				print line
			}
			while (lines[i] ~ /\\$/)
				i++
			continue
		}
		code = code line "\n"
	}
	gsub(/extern "C" \{/, "", code)
	n = split(code, parts, /[;{}]/)
	for (i = 1; i <= n; i++)
		declared(parts[i])
}
