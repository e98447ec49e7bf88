// SPDX-License-Identifier: Apache-2.0
#include "CIngotSystem.h"

#include <stdio.h>

int ingot_print_double(char *text, size_t size, char conversion, int precision, double value) {
  switch (conversion) {
    case 'e': return snprintf(text, size, "%.*e", precision, value);
    case 'f': return snprintf(text, size, "%.*f", precision, value);
    default: return snprintf(text, size, "%.*g", precision, value);
  }
}
