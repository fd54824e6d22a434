"""Made zip.pt and legacy.pt of this folder, once, with PyTorch 1.13: one object in both kinds of file."""
import torch

base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
layer = torch.nn.Linear(2, 3)
with torch.no_grad():
    layer.weight.copy_(torch.arange(6.).reshape(3, 2)); layer.bias.copy_(torch.tensor([.5, -1., 2.]))
obj = {
  "base": base, "transposed": base.t(), "block": base[1:3, 2:5], "column": base[:, 3], "expanded": torch.tensor([7.]).expand(2, 3),
  "scalar": torch.tensor(2.5), "empty": torch.empty(0, 3),
  "float64": torch.tensor([0.1, -2.0], dtype=torch.float64), "float16": torch.tensor([1.5, -2.0]).half(), "bfloat16": torch.tensor([1.5, -3.0]).bfloat16(),
  "int64": torch.tensor([2**40, -1]), "int32": torch.tensor([7, -8], dtype=torch.int32), "int16": torch.tensor([300, -300], dtype=torch.int16),
  "int8": torch.tensor([5, -5], dtype=torch.int8), "uint8": torch.tensor([200, 3], dtype=torch.uint8), "bool": torch.tensor([True, False]),
  "parameter": torch.nn.Parameter(torch.tensor([1., 2.])),
  "state": layer.state_dict(),
  "numbers": [0, 255, 256, -1, 2**31, -2**40, True, False, None, 0.25],
  "one": ["only"], "none": [], "tuple": (1, "two"), "size": torch.Size([3, 4]),
  "nested": {"a": {"b": "ü"}}, 3: "three",
}
torch.save(obj, "zip.pt")
torch.save(obj, "legacy.pt", _use_new_zipfile_serialization=False)
