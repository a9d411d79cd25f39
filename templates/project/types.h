{{% CONTENT_TYPE:TEXT}}// The type of every value of {{top}}, layer by layer.
#ifndef {{guard}}_TYPES_H
#define {{guard}}_TYPES_H

#include "ap_fixed.h"
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

// What travels through the streams: the last axis of a tensor at once.
{{#tokens}}
struct {{name}} {
  {{type}} word[{{words}}];
};
{{/tokens}}
{{/isStream}}

#endif
