#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signatures between Ingot and OpenSSL, both ways: check_signature.sh INGOT [MODEL.ingot]; without a model one is converted from a fixture.
set -e
ingot=$1 model=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
field() { sed -n "s/^$2 //p" "$1" | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'; }
digits() { od -An -v -tx1 | tr -d ' \n'; }
if [ -z "$model" ]; then
  model=$folder/model.ingot
  "$ingot" convert "$(dirname "$0")/../Fixtures/vit-tiny/archive.pt" -o "$model" > "$folder/log" 2>&1
fi

"$ingot" sign --generate-key "$folder/own" > "$folder/log"
"$ingot" sign "$model" --key "$folder/own" -o "$folder/own.sig" >> "$folder/log"
{ printf 'Ingot signature, version 1\n'; field "$folder/own.sig" root; } > "$folder/message"
field "$folder/own.sig" signature > "$folder/raw"
openssl pkeyutl -verify -rawin -pubin -inkey "$folder/own.pub" -in "$folder/message" -sigfile "$folder/raw" > "$folder/log"
echo "OpenSSL verifies what Ingot signed with a key of Ingot's"

printf x >> "$folder/message"
if openssl pkeyutl -verify -rawin -pubin -inkey "$folder/own.pub" -in "$folder/message" -sigfile "$folder/raw" >> "$folder/log" 2>&1; then
  echo "OpenSSL verifies another message as well"; exit 1
fi
echo "OpenSSL refuses it over another message"

openssl genpkey -algorithm ed25519 -out "$folder/theirs"
openssl pkey -in "$folder/theirs" -pubout -out "$folder/theirs.pub"
{ printf 'Ingot signature, version 1\n'; field "$folder/own.sig" root; } > "$folder/message"
openssl pkeyutl -sign -rawin -inkey "$folder/theirs" -in "$folder/message" -out "$folder/raw"
{
  printf 'Ingot signature, version 1\n'
  sed -n '/^root /p' "$folder/own.sig"
  printf 'key %s\n' "$(openssl pkey -in "$folder/theirs.pub" -pubin -outform DER | tail -c 32 | digits)"
  printf 'signature %s\n' "$(digits < "$folder/raw")"
} > "$folder/theirs.sig"
"$ingot" verify "$model" --key "$folder/theirs.pub" --signature "$folder/theirs.sig" > "$folder/log"
echo "Ingot verifies what OpenSSL signed with a key of OpenSSL's"
