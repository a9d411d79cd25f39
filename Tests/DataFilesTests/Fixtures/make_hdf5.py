"""Makes hdf5.json: an HDF5 file with datasets of every layout as h5py writes it (base64), the numbers they hold, and
which of them lie in the file as a little-endian machine stores floats and doubles.

Made with h5py 3.16.0 and numpy 2.4.6. Run in this folder: python make_hdf5.py
"""

import base64
import json
import os
import tempfile

import h5py
import numpy as np

rng = np.random.default_rng(20261126)
x = rng.normal(size=(5, 3)) * 100
image = np.linspace(-1, 1, 4 * 2 * 3).reshape(4, 2, 3)

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'events.h5')
    with h5py.File(path, 'w') as file:
        # 60 bytes: what comes next begins at an odd multiple of four.
        file['float32'] = x.astype('<f4')
        file['misaligned float64'] = x
        file['group/float32 again'] = x.astype('<f4')
        file['group/float64'] = image
        file['one axis'] = np.array([0.0, -0.0, 5e-324, 1.7976931348623157e308])
        file['not finite'] = np.array([[1, 2], [np.inf, 4]], '<f4')
        file['big endian float32'] = x.astype('>f4')
        file['big endian float64'] = x.astype('>f8')
        file['float16'] = x.astype('<f2')
        for kind in ['i1', 'u1', 'i4', 'i8', 'u8']:
            file[kind] = np.abs(x).astype(kind)
        file['booleans'] = x > 0
        file['empty'] = np.zeros((0, 3), '<f4')
        file.create_dataset('chunked', data=x, chunks=(2, 3))
        file.create_dataset('compressed', data=x.astype('<f4'), chunks=(2, 3), compression='gzip')
        file.create_dataset('shuffled', data=x, chunks=(5, 3), shuffle=True)
        file.create_dataset('never written', shape=(5, 3), dtype='<f4')
        file['linked'] = h5py.SoftLink('/group/float64')
        # Within the object's header.
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_layout(h5py.h5d.COMPACT)
        compact = h5py.h5d.create(file.id, b'compact', h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((5, 3)), creation)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, x.astype('<f4'))

    datasets = []
    with h5py.File(path) as file:
        def describe(name):
            data = file[name]
            values = data[()]
            offset = data.id.get_offset() if data.chunks is None else None
            plain = offset is not None and data.dtype.str in ('<f4', '<f8') and offset % data.dtype.itemsize == 0
            datasets.append({
                'name': name, 'shape': list(data.shape), 'isPlain': plain, 'offset': offset,
                'values': [float(v) if np.isfinite(v) else None for v in values.ravel()],
            })
        names = []
        file.visit(lambda name: names.append(name) if isinstance(file[name], h5py.Dataset) else None)
        for name in names + ['linked']:
            if name != 'never written':
                describe(name)
    with open(path, 'rb') as file:
        bytes = base64.b64encode(file.read()).decode()

with open('hdf5.json', 'w') as file:
    json.dump({'bytes': bytes, 'datasets': datasets}, file)
    file.write('\n')
