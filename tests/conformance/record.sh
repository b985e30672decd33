#!/bin/sh
# Writes down every byte that a program over stdio reads and writes. usage: record.sh SIDE COMMAND ARG...
# The first of its kind makes a folder under $RECORDINGS, those that it starts write there too: SIDE.in and SIDE.out.
# -p: what is said to somebody who has left is written down all the same.
side=$1
shift
RECORDING=${RECORDING:-$(mktemp -d "$RECORDINGS/XXXXXX")}
export RECORDING
tee -p "$RECORDING/$side.in" | "$@" | tee -p "$RECORDING/$side.out"
