"""Writes all-MiniLM-L6-v2, as its PyPI package holds it, as a GGUF file for llama.cpp. usage: sentence_model.py PACKAGE_FOLDER FILE

A BERT encoder of six layers with WordPiece tokens. Names of the tensors follow gguf's table for BERT; a token that continues a word
("##ing") loses its mark, and one that begins a word gets the mark of a blank in front (U+2581), as llama.cpp's tokenizer expects.
"""
import json
import pathlib
import sys

import gguf
import numpy
from safetensors.numpy import load_file


def tokens_of(vocabulary: pathlib.Path) -> tuple[list[str], list[int]]:
    """The texts and the types of all tokens, in order."""
    texts, types = [], []
    for token in vocabulary.read_text(encoding="utf-8").splitlines():
        special = token.startswith("[") and token.endswith("]") and len(token) > 2
        types.append(int(gguf.TokenType.UNKNOWN if token == "[UNK]" else
                         gguf.TokenType.CONTROL if special else gguf.TokenType.NORMAL))
        texts.append(token if special else token[2:] if token.startswith("##") else "\u2581" + token)
    return texts, types


def add_settings(writer: gguf.GGUFWriter, config: dict, vocabulary: pathlib.Path) -> None:
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    texts, types = tokens_of(vocabulary)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(texts)
    writer.add_token_types(types)
    writer.add_token_type_count(config["type_vocab_size"])
    place = {token: i for i, token in enumerate(vocabulary.read_text(encoding="utf-8").splitlines())}
    writer.add_bos_token_id(place["[CLS]"])
    writer.add_eos_token_id(place["[SEP]"])
    writer.add_sep_token_id(place["[SEP]"])
    writer.add_unk_token_id(place["[UNK]"])
    writer.add_pad_token_id(place["[PAD]"])
    writer.add_mask_token_id(place["[MASK]"])


def add_tensors(writer: gguf.GGUFWriter, model: pathlib.Path, layers: int) -> None:
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, layers)
    for name, tensor in sorted(load_file(model).items()):
        if name.startswith("pooler.") or name.endswith("position_ids"):
            continue
        new_name = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if new_name is None:
            sys.exit(f"{model}: no place for {name}")
        keeps_precision = tensor.ndim == 1 or "position_embd" in new_name or "token_types" in new_name
        writer.add_tensor(new_name, tensor.astype(numpy.float32 if keeps_precision else numpy.float16))


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, file = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    config = json.loads((folder / "config.json").read_text())
    part = file.with_suffix(".part")
    writer = gguf.GGUFWriter(part, "bert")
    add_settings(writer, config, folder / "vocab.txt")
    add_tensors(writer, folder / "model.safetensors", config["num_hidden_layers"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.rename(file)


if __name__ == "__main__":
    main()
