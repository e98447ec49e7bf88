#include "CIngotKernels.h"
