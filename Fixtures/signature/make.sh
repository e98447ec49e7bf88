#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes this folder with OpenSSL: a pair of Ed25519 keys, and its signature over what Ingot signs of a file whose root digest is 32 bytes of 0xab.
# Keys are random: run again, every file differs. The private key is published here and good for tests only.
set -e
cd "$(dirname "$0")"
openssl genpkey -algorithm ed25519 -out private.pem
openssl pkey -in private.pem -pubout -out public.pem
openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out other.pem
openssl genpkey -algorithm x25519 | openssl pkey -pubout -out x25519.pem
{ printf 'Ingot signature, version 1\n'; printf '\253%.0s' $(seq 32); } > message.bin
openssl pkeyutl -sign -rawin -inkey private.pem -in message.bin -out signature.bin
openssl version > versions.txt
sha256sum *.pem *.bin >> versions.txt
