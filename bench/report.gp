# SPDX-License-Identifier: BSD-3-Clause
#
# The picture of `make bench-report`.  report.py sets data, svg, base, libraries
# and have_buffers, how many libraries there are and how many of them have
# buffers, and writes the files that are drawn.

set terminal svg size 960,1240 font "sans-serif,13" background "#ffffff"
set output svg
set multiplot

array colour[6] = ["#1b6ca8", "#999999", "#cccccc", "#e0a458", "#7a9e7e", \
	"#b5546a"]
set datafile missing "?"
set border 3 lc "#555555"
set tics nomirror
set grid ytics lc "#dddddd"
set key top right vertical maxrows 2 Left reverse

set origin 0, 0.65
set size 1, 0.35
set title "The loop: times as fast as ".base
set style data histogram
set style histogram cluster gap 1
set style fill solid border lc "#ffffff"
set yrange [0:*]
set xtics font ",11"
plot for [i = 1:libraries] data."/bars.dat" using (column(i + 1)):xtic(1) \
	title columnheader(i + 1) lc rgb colour[i], \
	1 with lines lc "#555555" dt 2 notitle

# What is far more than the rest is cut off, and told in figures.
highest = 7
set key off
set origin 0, 0.30
set size 1, 0.35
set title "Buffers: times as fast as ".base
set yrange [0:highest]
set xtics font ",8"
plot for [i = 1:have_buffers] data."/buffers.dat" \
	using (column(i + 1)):xtic(1) title columnheader(i + 1) \
	lc rgb colour[i < 4 ? i : 6], \
	1 with lines lc "#555555" dt 2, \
	data."/buffers.dat" using 0:(highest):(column(2) > highest ? \
	sprintf("%.0f", column(2)) : "") every ::1 with labels \
	offset -0.7, 0.5 font ",9"
set yrange [0:*]

set style data linespoints
set xtics font ",13"
set logscale x
set format x "%.0f"
set xlabel "n"
set origin 0, 0
set size 0.5, 0.30
set title "register: ns per event"
# libuv, the sixth, has no such case.
plot for [i = 1:(libraries < 6 ? libraries : 5)] data."/register.dat" using 1:(column(i + 1)) \
	lc rgb colour[i] lw 2 pt 7 ps 0.5

set origin 0.5, 0
set title "one-shot ring: ns per event"
plot for [i = 1:libraries] data."/oneshot.dat" using 1:(column(i + 1)) \
	lc rgb colour[i] lw 2 pt 7 ps 0.5

unset multiplot
