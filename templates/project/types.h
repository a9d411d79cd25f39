{{% CONTENT_TYPE:TEXT}}// The type of every value of {{top}}, layer by layer.
#ifndef {{guard}}_TYPES_H
#define {{guard}}_TYPES_H

{{#isWide}}
// Tokens of more than 1,024 bits, before the first header of the vendor's.
#ifndef AP_INT_MAX_W
#define AP_INT_MAX_W 4096
#endif
{{/isWide}}
#include "ap_fixed.h"
#include "ap_int.h"
{{#isStream}}
#include "hls_stream.h"
{{/isStream}}
{{#groups}}

// {{title}}
{{#types}}
typedef {{type}} {{name}};
{{/types}}
{{/groups}}
{{#isStream}}

// What travels through the streams: the last axis of a tensor at once, its first word in the lowest bits.
{{#tokens}}
typedef ap_uint<{{bits}}> {{name}};  // {{words}} x {{type}}
{{/tokens}}
{{/isStream}}

#endif
