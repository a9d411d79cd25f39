{{% CONTENT_TYPE:TEXT}}// The type of every value of {{top}}, layer by layer.
#ifndef {{guard}}_TYPES_H
#define {{guard}}_TYPES_H

#include "ap_fixed.h"
{{#groups}}

// {{title}}
{{#types}}
typedef {{type}} {{name}};
{{/types}}
{{/groups}}

#endif
