"""Writers of what PyTorch no longer writes and still reads: views and tensor classes of early streams, and the tar archive.

The layouts are those that `torch.serialization` reads (`_legacy_load` and `legacy_load`); every file made here is
read back by PyTorch before it is kept.
"""

import io
import pickle
import struct
import sys
import tarfile
from collections import OrderedDict

import torch


class OldTensor:
    """Pickles as a tensor did before PyTorch 0.4: its class, made empty, and the state (storage, offset, size, stride)."""

    def __init__(self, tensor, name):
        self.tensor, self.name = tensor, name

    def __reduce__(self):
        tensor = self.tensor
        state = (tensor.storage(), tensor.storage_offset(), tuple(tensor.shape), tensor.stride())
        return getattr(torch, self.name), (), state


class OldVariable:
    """Pickles as a Parameter or Variable did: made empty, and the state (data, gradient, leaf, requires_grad, hooks)."""

    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        return torch.nn.Parameter, (), (self.tensor, None, None, True, OrderedDict())


def legacy_with_views(tensors, protocol=2):
    """The legacy stream of a dict of tensors, each stored as a view (key, offset, size) of the storage it is cut from."""
    roots = {}

    class Pickler(pickle._Pickler):
        def persistent_id(self, value):
            if not isinstance(value, torch.storage.TypedStorage):
                return None
            key, root, offset = views[value.data_ptr(), value.size()]
            roots[root] = storages[root]
            # The view's own key may be any that no storage has.
            view = (key, offset, value.size())
            return ("storage", torch.FloatStorage, root, "cpu", storages[root].size(), view)

    class Cut:
        """A tensor over part of its storage."""

        def __init__(self, tensor, storage):
            self.tensor, self.storage = tensor, storage

        def __reduce__(self):
            shape, stride = tuple(self.tensor.shape), self.tensor.stride()
            return torch._utils._rebuild_tensor_v2, (self.storage, 0, shape, stride, False, OrderedDict())

    storages, views, value = {}, {}, OrderedDict()
    for number, (name, tensor) in enumerate(tensors.items()):
        whole = tensor.storage()
        root = str(whole.data_ptr())
        storages[root] = whole
        start, end = 4 * tensor.storage_offset(), 4 * (tensor.storage_offset() + tensor.numel())
        part = torch.storage.TypedStorage(wrap_storage=whole._untyped_storage[start:end], dtype=tensor.dtype, _internal=True)
        views[part.data_ptr(), part.size()] = (f"view-{number}", root, tensor.storage_offset())
        value[name] = Cut(tensor, part)
    buffer = io.BytesIO()
    system = {"protocol_version": 1001, "little_endian": sys.byteorder == "little",
              "type_sizes": {"short": 2, "int": 4, "long": 4}}
    for item in (torch.serialization.MAGIC_NUMBER, 1001, system):
        pickle.dump(item, buffer, protocol=protocol)
    Pickler(buffer, protocol=protocol).dump(value)
    keys = sorted(roots)
    pickle.dump(keys, buffer, protocol=protocol)
    for key in keys:
        storage = roots[key]
        buffer.write(struct.pack("<q", storage.size()) + bytes(storage._untyped_storage))
    return buffer.getvalue()


def tar_archive(tensors, views):
    """The tar archive of a dict of tensors; `views` names those whose storage is a view of another's."""
    classes = {torch.float32: "Float", torch.float16: "Half", torch.int64: "Long"}

    def class_of(name, kind):
        return getattr(torch, classes[tensors[name].dtype] + kind)

    storage_rows, tensor_rows = io.BytesIO(), io.BytesIO()
    whole = [name for name in tensors if name not in views]
    keys = {name: 100 + number for number, name in enumerate(tensors)}
    pickle.dump(len(whole), storage_rows, protocol=2)
    for name in whole:
        storage = tensors[name].storage()
        pickle.dump((keys[name], "cpu", class_of(name, "Storage")), storage_rows, protocol=2)
        storage_rows.write(struct.pack("<q", storage.size()) + bytes(storage._untyped_storage))
    rows = [(keys[name], keys[root], offset, tensors[name].numel()) for name, (root, offset) in views.items()]
    pickle.dump(rows, storage_rows, protocol=2)
    pickle.dump(len(tensors), tensor_rows, protocol=2)
    for name, tensor in tensors.items():
        pickle.dump((1000 + keys[name], keys[name], class_of(name, "Tensor")), tensor_rows, protocol=2)
        offset = 0 if name in views else tensor.storage_offset()
        tensor_rows.write(struct.pack(f"<i4x{2 * tensor.dim()}qq", tensor.dim(), *tensor.shape, *tensor.stride(), offset))

    class Pickler(pickle._Pickler):
        def persistent_id(self, value):
            return str(1000 + keys[value.name]) if isinstance(value, Named) else None

    class Named:
        def __init__(self, name):
            self.name = name

    content = io.BytesIO()
    Pickler(content, protocol=2).dump(OrderedDict((name, Named(name)) for name in tensors))
    system = pickle.dumps({"protocol_version": 1000, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 8}},
                          protocol=2)
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in (("sys_info", system), ("pickle", content.getvalue()),
                           ("storages", storage_rows.getvalue()), ("tensors", tensor_rows.getvalue())):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()
