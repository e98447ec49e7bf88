// SPDX-License-Identifier: Apache-2.0
#ifndef CJPEG_H
#define CJPEG_H
#endif
