"""Makes lookups.json: random configurations, and what hls4ml 1.3.0 finds in them.

Needs hls4ml 1.3.0 and PyYAML. Run in this folder: python make_lookups.py
"""

import json
import random

import yaml
from hls4ml.converters import _check_model_config
from hls4ml.model.graph import HLSConfig

random.seed(20261121)
NAMES = ['fc1', 'FC1', 'fc1_relu', 'sep', 'sep_depthwise', 'softmax', 'out-put/1']
CLASSES = ['Dense', 'Activation', 'Softmax', 'SeparableConv2D', 'DepthwiseConv2D', 'dense']
TENSORS = ['default', 'result', 'weight', 'bias', 'accum', 'depthwise_accum', 'depthwise_result']
TYPES = ['auto', 'fixed<16,6>', 'ap_fixed<12, 4, AP_RND, AP_SAT>', 'ap_ufixed<8,0,AP_RND_CONV>', 'int<4>', 'ap_uint<1>',
         'ap_fixed<10,12,AP_TRN_ZERO,AP_SAT_SYM>', 'ac_fixed<9,-2,false,AC_RND,AC_SAT>', 'fixed<18,8,RND_INF,SAT_ZERO,0>']
STRATEGIES = ['Latency', 'latency', 'Resource', 'resource', 'ResourceUnrolled', 'resource_unrolled', 'Resource_Unrolled',
              'DistributedArithmetic', 'distributed_arithmetic', 'da', 'Da']


def precision(model):
    if random.random() < 0.4:
        return random.choice(TYPES[1:] if model else TYPES)
    tensors = random.sample(TENSORS, random.randint(1, 4))
    result = {t: random.choice(TYPES) for t in tensors}
    if model and result.get('default') == 'auto':
        result['default'] = 'fixed<16,6>'
    return result


def settings(model=False):
    result = {}
    if random.random() < 0.7:
        result['Precision'] = precision(model)
    if random.random() < 0.5:
        result['ReuseFactor'] = random.randint(1, 64)
    if random.random() < 0.5:
        result['Strategy'] = random.choice(STRATEGIES)
    if random.random() < 0.3:
        result['TargetCycles'] = random.randint(1, 64)
    if random.random() < 0.3:
        result['Compression'] = random.choice([True, False])
    if random.random() < 0.3:
        result['ConvImplementation'] = random.choice(['LineBuffer', 'Encoded'])
    if random.random() < 0.3:
        result['ParallelizationFactor'] = random.randint(1, 8)
    return result


def case():
    config = {}
    if random.random() < 0.9:
        config['Model'] = settings(model=True)
    if random.random() < 0.8:
        config['LayerType'] = {c: settings() for c in random.sample(CLASSES, random.randint(1, 4))}
    if random.random() < 0.8:
        config['LayerName'] = {n: settings() for n in random.sample(NAMES, random.randint(1, 5))}
    text = yaml.dump({'Backend': 'Vitis', 'HLSConfig': config}, sort_keys=False)
    config['Model'] = _check_model_config(config.get('Model'))
    hls = HLSConfig({'Backend': 'Vitis', 'HLSConfig': config})

    queries = []
    for name in NAMES:
        class_name = random.choice(CLASSES)
        layer = type('Vitis' + class_name, (), {})()
        layer.name, layer.class_name = name, class_name
        found = {'layer': name, 'class': class_name, 'precision': {}, 'isModelDefault': []}
        for tensor in TENSORS[1:]:
            try:
                kind, type_name = hls.get_precision(layer, tensor)
                found['precision'][tensor] = 'auto' if type(kind).__name__ == 'UnspecifiedPrecisionType' else str(kind)
                if type_name == 'model_default_t':
                    found['isModelDefault'].append(tensor)
            except Exception:
                pass
        found['reuseFactor'] = hls.get_reuse_factor(layer)
        found['strategy'] = hls.get_strategy(layer)
        found['targetCycles'] = hls.get_target_cycles(layer)
        found['compression'] = hls.get_compression(layer)
        found['convImplementation'] = hls.get_conv_implementation(layer)
        found['parallelizationFactor'] = hls.get_layer_config_value(layer, 'ParallelizationFactor')
        queries.append(found)
    return {'yaml': text, 'queries': queries}


with open('lookups.json', 'w') as file:
    json.dump([case() for _ in range(30)], file, indent=None, separators=(',', ':'))
    file.write('\n')
