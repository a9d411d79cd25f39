{{% CONTENT_TYPE:TEXT}}// The layers of {{top}}, one function each.
#ifndef {{guard}}_LAYERS_H
#define {{guard}}_LAYERS_H

#include "{{top}}_types.h"
#include "tf_kernels.h"
{{#weights}}
#include "weights/{{name}}.h"
{{/weights}}

{{{body}}}
#endif
