"""Makes arrays.json: arrays as numpy and h5py write them (base64), and the numbers they hold.

Needs numpy 1.26 and h5py. Run in this folder: python make_arrays.py
"""

import base64
import io
import json

import h5py
import numpy as np

rng = np.random.default_rng(20261121)


def npy(array, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def text(data):
    return base64.b64encode(data).decode()


def case(name, data, array):
    kind = 'reals' if array.dtype.kind == 'f' else 'words'
    values = [float(x) if kind == 'reals' else int(x) for x in array.flatten()]
    return {'name': name, 'bytes': text(data), 'shape': list(array.shape), 'kind': kind, 'values': values}


cases = []
for dtype in ['<f2', '<f4', '<f8', '>f2', '>f4', '>f8', '|i1', '<i2', '<i4', '<i8', '>i2', '>i4', '>i8', '|u1', '<u2',
              '<u4', '<u8', '>u2', '>u4', '>u8', '|b1']:
    if dtype[1] == 'f':
        array = (rng.normal(size=(3, 2)) * 100).astype(dtype)
    elif dtype[1] == 'b':
        array = rng.integers(0, 2, (3, 2)).astype(dtype)
    else:
        limits = np.iinfo(dtype)
        array = rng.integers(limits.min, min(limits.max, 2**63 - 1), (3, 2), endpoint=True,
                             dtype='i8' if limits.min else 'u8').astype(dtype)
    cases.append(case(dtype, npy(array), array))
for version in [(2, 0), (3, 0)]:
    array = rng.normal(size=(2, 5)).astype('f4')
    cases.append(case(f'version {version[0]}', npy(array, version), array))
for shape in [(4,), (7, 3), (5, 2, 3), (3, 2, 2, 4), (1, 6), (0, 4), (4, 1)]:
    array = rng.normal(size=shape)
    cases.append(case(f'C order {shape}', npy(array), array))
    array = np.asfortranarray(array)
    cases.append(case(f'Fortran order {shape}', npy(array), array))
special = np.array([[0.0, -0.0, 5e-324, 1.7976931348623157e308, 65504.0, 0.1]])
cases.append(case('extremes', npy(special), special))

refused = {
    'text': npy(np.array([['a', 'b']])),
    'records': npy(np.zeros(2, dtype=[('x', 'f4'), ('y', 'f4')])),
    'complex': npy(np.zeros((2, 2), dtype='c16')),
    'scalar': npy(np.array(1.5)),
    'large': npy(np.array([[2**63 + 1]], dtype='u8')),
}

archives = {}
x = rng.normal(size=(4, 3)).astype('f4')
y = rng.integers(-5, 5, (4, 2))
for name, save in [('stored', np.savez), ('compressed', np.savez_compressed)]:
    file = io.BytesIO()
    save(file, x=x, y=y)
    archives[name] = text(file.getvalue())
file = io.BytesIO()
with h5py.File(file, 'w') as h5:
    h5['x'] = x
    h5.create_dataset('test/y', data=y, chunks=(2, 2), compression='gzip')
    h5['note'] = 'text'
archives['h5'] = text(file.getvalue())
file = io.BytesIO()
with h5py.File(file, 'w') as h5:
    h5['only/z'] = x.astype('f2')
archives['one.h5'] = text(file.getvalue())

# What we write must be what numpy writes, byte for byte.
written = []
for array in [np.array([[1.5, -2.25], [0.1, 1e300]]), np.array([3.0]), np.array([[-1, 2**62]], dtype='i8'),
              np.zeros((0, 3)), np.arange(24.0).reshape(2, 3, 4)]:
    written.append(case('', npy(array), array))

with open('arrays.json', 'w') as file:
    json.dump({'cases': cases, 'refused': {k: text(v) for k, v in refused.items()}, 'archives': archives,
               'x': [float(v) for v in x.flatten()], 'y': [int(v) for v in y.flatten()], 'written': written}, file)
    file.write('\n')
