{{% CONTENT_TYPE:TEXT}}// {{title}}: {{io}}, {{latency}} latency, one event every {{interval}} (estimated at {{clock}} ns).
#include "{{top}}.h"

#include "{{top}}_layers.h"

{{{body}}}
