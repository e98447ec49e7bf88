"""What a golden bundle would not show: tensors without effect, and an epsilon that does not matter."""


def without_effect(model, inputs, run, outputs):
    """The parameters whose reversal (each tensor's elements in reversed order) moves no embedding by 1e-4. A key's
    bias is one by nature: it adds the same to every score of a query."""
    result = []
    names = [name for name in outputs if name.endswith("_embeds")]
    for name, parameter in model.named_parameters():
        if parameter.numel() < 2:
            continue
        kept = parameter.data
        parameter.data = kept.flatten().flip(0).view_as(kept)
        moved = run(model, inputs)
        parameter.data = kept
        if max((moved[key] - outputs[key]).abs().max().item() for key in names) < 1e-4:
            result.append(name)
    return result


def epsilon_effect(model, inputs, run, outputs):
    """How far the embeddings go when the epsilon of every norm is ten times as large, by epsilon."""
    result, kinds = {}, {}
    for module in model.modules():
        if "Norm" in type(module).__name__ and isinstance(getattr(module, "eps", None), float):
            kinds.setdefault((type(module).__name__, module.eps), []).append(module)
    for (kind, epsilon), modules in kinds.items():
        for module in modules:
            module.eps = 10 * epsilon
        moved = run(model, inputs)
        for module in modules:
            module.eps = epsilon
        result[f"{kind} {epsilon}"] = "%.0e" % max((moved[key] - outputs[key]).abs().max().item() for key in outputs
                                                   if key.endswith("_embeds"))
    return result
