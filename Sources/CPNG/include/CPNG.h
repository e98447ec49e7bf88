// SPDX-License-Identifier: Apache-2.0
#ifndef CPNG_H
#define CPNG_H
#endif
