{{% CONTENT_TYPE:TEXT}}#ifndef {{guard}}_H
#define {{guard}}_H

#include "{{top}}_types.h"

// Words of tensors are in row-major order.
{{#ports}}
//   {{name}}: {{shape}} words of {{type}}
{{/ports}}
{{signature}};

#endif
