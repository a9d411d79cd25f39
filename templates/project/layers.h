{{% CONTENT_TYPE:TEXT}}// The layers of {{top}}, one function each.
#ifndef {{guard}}_LAYERS_H
#define {{guard}}_LAYERS_H

#include "tf_kernels.h"
#include "{{top}}_types.h"
{{#weights}}
#include "weights/{{name}}.h"
{{/weights}}

{{{body}}}
#endif
