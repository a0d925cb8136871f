# SPDX-License-Identifier: GPL-3.0-or-later
# How many times as fast as the fastest peer of equal work, row by row. Called with -e "points='...'; png='...'"; points: tab-separated
# place, label, threads, ratio, lowest, highest (bench/run makes them from the TSV).
set terminal pngcairo size 1100, 1000 noenhanced font 'sans,11'
set output png
set datafile separator '\t'
set key outside bottom center horizontal
set title "Time of the fastest peer of equal work / our time: right of the line we are faster (median and ends of pairs)"
set logscale x 2
set grid x
set lmargin 36
set bars small
stats points using 1 name 'PLACE' nooutput
set yrange [PLACE_max + 0.6 : 0.4]
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor 'black'
plot points using ($3 == 1 ? $4 : 1 / 0):($1 - 0.12):5:6:ytic(2) with xerrorbars pointtype 7 title '1 thread', \
     points using ($3 == 2 ? $4 : 1 / 0):($1 + 0.12):5:6 with xerrorbars pointtype 6 title '2 threads'
