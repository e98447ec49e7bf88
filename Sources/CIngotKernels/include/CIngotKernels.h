// SPDX-License-Identifier: Apache-2.0
#ifndef CINGOTKERNELS_H
#define CINGOTKERNELS_H
#include <stdint.h>
#endif
