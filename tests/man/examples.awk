# SPDX-License-Identifier: BSD-3-Clause
#
# Takes the examples out of a manual page: each program into out/NAME.c, what it
# prints into out/NAME.output; and prints a line "NAME CONDITION LIBRARY..." for
# each, the condition being a function's name or "-".

function unescape(s) {
	sub(/^\\&/, "", s)
	gsub(/\\\(aq/, "'", s)
	gsub(/\\&/, "", s)
	gsub(/\\-/, "-", s)
	gsub(/\\e/, "\\", s)
	return s
}

BEGIN { count = 0; file = ""; take = "" }
FNR == 1 { base = FILENAME; sub(/.*\//, "", base); gsub(/[.]/, "-", base) }

/^[.]\\" example/ {
	name = base "-" ++count
	condition = "-"
	first = 3
	if ($3 == "if") {
		condition = $4
		first = 5
	}
	line = name " " condition
	for (i = first; i <= NF; i++)
		line = line " " $i
	print line
	take = out "/" name ".c"
	next
}
/^[.]\\" output/ { take = out "/" name ".output"; next }
/^[.]Bd -literal/ { if (take != "") { file = take; take = "" }; next }
/^[.]Ed/ { if (file != "") close(file); file = ""; next }
file != "" { print unescape($0) >file }
