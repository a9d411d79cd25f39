{{% CONTENT_TYPE:TEXT}}// Constants of {{title}}: raw integers, see tf_kernels.h.
#ifndef {{guard}}_WEIGHTS_{{name}}_H
#define {{guard}}_WEIGHTS_{{name}}_H

#include "../tf_kernels.h"
{{#tables}}

{{{definition}}}{{/tables}}

#endif
