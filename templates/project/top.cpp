{{% CONTENT_TYPE:TEXT}}// {{title}}: {{io}}, {{latency}} cycles latency, one event every {{interval}} cycles (estimated at {{clock}} ns).
#include "{{top}}.h"

#include "{{top}}_layers.h"

{{{body}}}
