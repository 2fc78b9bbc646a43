#!/bin/sh
# Builds each .wat of this folder and lists what was built from what.
set -eu
cd "$(dirname "$0")"
for wat in *.wat; do
    wat2wasm --debug-names "$wat" -o "${wat%.wat}.wasm"
done
sha256sum ./*.wat ./*.wasm | sed 's# \./# #' >SHA256SUMS
