#!/bin/sh
# A chip that looks like a Pi's to everything above the kernel: its label, 54 lines, their names.
set -e
modprobe gpio-sim
bank=/sys/kernel/config/gpio-sim/pi/bank0
mkdir -p $bank
echo 54 > $bank/num_lines
echo pinctrl-bcm2835 > $bank/label
line=0
while [ $line -lt 54 ]; do
  mkdir $bank/line$line
  echo GPIO$line > $bank/line$line/name
  line=$((line + 1))
done
echo 1 > $bank/../live
ln -sfn "/sys/devices/platform/$(cat $bank/../dev_name)/$(cat $bank/chip_name)" /run/lab-gpio
