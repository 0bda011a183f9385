"""The tiny vision-language model in plain PyTorch.

A convolutional tower (28×28 RGB -> 16 visual tokens), an MLP projector and a Llama-shaped decoder.
Written out instead of taken from `transformers` so that the ONNX writer beside it mirrors it line by line.
Shapes: B batch, S sequence, W decoder width, V vocabulary.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Cache = list[tuple[Tensor, Tensor]]
VISUAL_TOKENS = 16


class Tower(nn.Module):
    """Four stages of two 3×3 convolutions; stride 2 from the second stage on."""

    def __init__(self, widths: list[int]):
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for stage, width in enumerate(widths):
            for half in range(2):
                stride = 2 if stage > 0 and half == 0 else 1
                layers.append(nn.Conv2d(before, width, 3, stride, 1, bias=False))
                layers.append(nn.BatchNorm2d(width))
                layers.append(nn.GELU())
                before = width
        self.layers = nn.Sequential(*layers)
        self.width = before

    def forward(self, pixels: Tensor) -> Tensor:
        """(B, 3, 28, 28) -> (B, 16, width), tokens in row-major order."""
        return self.layers(pixels).flatten(2).transpose(1, 2)


def pool(features: Tensor) -> Tensor:
    """(B, 16, width) -> (B, 2·width): mean and maximum over the tokens."""
    return torch.cat([features.mean(1), features.amax(1)], dim=-1)


class RmsNorm(nn.Module):
    """Root-mean-square norm with a learned scale."""

    def __init__(self, width: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


def rope_table(positions: int, head_dim: int, base: float) -> tuple[Tensor, Tensor]:
    """cos and sin, each (positions, head_dim / 2)."""
    frequencies = base ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    angles = torch.arange(positions).float()[:, None] * frequencies[None]
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding, halves not interleaved. x: (B, heads, S, head_dim); cos, sin: (S, head_dim / 2)."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


class Attention(nn.Module):
    """Causal grouped-query attention with a cache."""

    def __init__(self, c: dict):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = c["heads"], c["kvHeads"], c["headDim"]
        self.q = nn.Linear(c["width"], self.heads * self.head_dim, bias=False)
        self.k = nn.Linear(c["width"], self.kv_heads * self.head_dim, bias=False)
        self.v = nn.Linear(c["width"], self.kv_heads * self.head_dim, bias=False)
        self.o = nn.Linear(self.heads * self.head_dim, c["width"], bias=False)

    def forward(self, x: Tensor, rope: tuple[Tensor, Tensor], past: tuple[Tensor, Tensor] | None):
        """x: (B, S, W) -> (B, S, W) and the new cache, two tensors (B, kv_heads, past + S, head_dim)."""
        batch, length, _ = x.shape
        q = rotate(self._split(self.q(x), self.heads), *rope)
        k = rotate(self._split(self.k(x), self.kv_heads), *rope)
        v = self._split(self.v(x), self.kv_heads)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        causal = length > 1 and past is None
        groups = self.heads // self.kv_heads
        y = F.scaled_dot_product_attention(
            q, k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1), is_causal=causal
        )
        return self.o(y.transpose(1, 2).reshape(batch, length, -1)), (k, v)

    def continued(self, x: Tensor, rope: tuple[Tensor, Tensor], prefix: "PrefixLayer", own: "OwnCache | None"):
        """Attention of K continuations of each of P prompts; the prompts' keys and values are not copied.

        x: (P·K, S, W), rows of a prompt together; rope: cos and sin (P·K, 1, S, head_dim / 2);
        own: what the rows have said before, written to. Returns (P·K, S, W).
        """
        rows, length, _ = x.shape
        prompts, kv_heads, past, dim = prefix.k.shape
        each, groups = rows // prompts, self.heads // kv_heads
        q = rotate(self._split(self.q(x), self.heads), *rope) * dim**-0.5
        k = rotate(self._split(self.k(x), self.kv_heads), *rope)
        v = self._split(self.v(x), self.kv_heads)
        if own is not None:
            k, v = own.append(k, v)
        # (P, K, kv_heads, groups, S, dim): the continuations of a prompt meet its keys in one product.
        q = q.view(prompts, each, kv_heads, groups, length, dim)
        to_prefix = q.transpose(1, 2).reshape(prompts, kv_heads, each * groups * length, dim)
        on_prefix = (to_prefix @ prefix.k.transpose(-1, -2)).masked_fill(prefix.hidden, float("-inf"))
        on_prefix = on_prefix.view(prompts, kv_heads, each, groups, length, past).transpose(1, 2)
        on_own = q.reshape(rows, kv_heads, groups * length, dim) @ k.transpose(-1, -2)
        on_own = on_own.view(prompts, each, kv_heads, groups, length, -1)
        if length > 1:
            later = torch.ones(length, on_own.shape[-1], dtype=torch.bool).triu(on_own.shape[-1] - length + 1)
            on_own = on_own.masked_fill(later, float("-inf"))
        weights = torch.cat([on_prefix, on_own], -1).softmax(-1)
        from_prefix = weights[..., :past].transpose(1, 2).reshape(prompts, kv_heads, -1, past) @ prefix.v
        from_prefix = from_prefix.view(prompts, kv_heads, each, groups, length, dim).transpose(1, 2)
        from_own = weights[..., past:].reshape(rows, kv_heads, groups * length, -1) @ v
        y = from_prefix.reshape(rows, self.heads, length, dim) + from_own.view(rows, self.heads, length, dim)
        return self.o(y.transpose(1, 2).reshape(rows, length, -1))

    def _split(self, x: Tensor, heads: int) -> Tensor:
        return x.view(x.shape[0], x.shape[1], heads, self.head_dim).transpose(1, 2)


@dataclass
class PrefixLayer:
    """Keys and values of P right-padded prompts in one layer.

    k, v: (P, kv_heads, L, head_dim); hidden: (P, 1, 1, L), true where there is padding.
    """

    k: Tensor
    v: Tensor
    hidden: Tensor


class OwnCache:
    """Keys and values (rows, kv_heads, S so far, head_dim) that continuations add to."""

    def __init__(self) -> None:
        self.k: Tensor | None = None
        self.v: Tensor | None = None

    @property
    def length(self) -> int:
        """Tokens said so far."""
        return 0 if self.k is None else self.k.shape[2]

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add (rows, kv_heads, S, head_dim); returns all so far."""
        self.k = k if self.k is None else torch.cat([self.k, k], 2)
        self.v = v if self.v is None else torch.cat([self.v, v], 2)
        return self.k, self.v

    def gather(self, rows: Tensor) -> None:
        """Take these rows, in this order and as often as they are named."""
        if self.k is not None:
            self.k, self.v = self.k[rows], self.v[rows]


class Block(nn.Module):
    """Pre-norm attention and SwiGLU."""

    def __init__(self, c: dict):
        super().__init__()
        self.norm1 = RmsNorm(c["width"], c["normEpsilon"])
        self.attention = Attention(c)
        self.norm2 = RmsNorm(c["width"], c["normEpsilon"])
        self.gate = nn.Linear(c["width"], c["mlpWidth"], bias=False)
        self.up = nn.Linear(c["width"], c["mlpWidth"], bias=False)
        self.down = nn.Linear(c["mlpWidth"], c["width"], bias=False)

    def forward(self, x: Tensor, rope: tuple[Tensor, Tensor], past: tuple[Tensor, Tensor] | None):
        y, cache = self.attention(self.norm1(x), rope, past)
        return self.mlp(x + y), cache

    def continued(self, x: Tensor, rope: tuple[Tensor, Tensor], prefix: PrefixLayer, own: OwnCache | None) -> Tensor:
        """As forward, for continuations of shared prompts."""
        return self.mlp(x + self.attention.continued(self.norm1(x), rope, prefix, own))

    def mlp(self, x: Tensor) -> Tensor:
        """The second half of the block."""
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


@dataclass
class Prefix:
    """P prompts that continuations share; lengths: (P)."""

    layers: list[PrefixLayer]
    lengths: Tensor

    def keep(self, prompts: Tensor) -> "Prefix":
        """Only these prompts."""
        layers = [PrefixLayer(layer.k[prompts], layer.v[prompts], layer.hidden[prompts]) for layer in self.layers]
        return Prefix(layers, self.lengths[prompts])


class TinyVlm(nn.Module):
    """Tower, projector and decoder with tied embeddings."""

    def __init__(self, config: dict, vocab_size: int, image_token_id: int):
        super().__init__()
        c = config["decoder"]
        self.image_token_id = image_token_id
        self.tower = Tower(config["tower"]["widths"])
        self.projector = nn.Sequential(
            nn.Linear(self.tower.width, c["width"]), nn.GELU(), nn.Linear(c["width"], c["width"])
        )
        self.feature_dropout = nn.Dropout(config["featureDropout"])
        self.embed = nn.Embedding(vocab_size, c["width"])
        self.blocks = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        self.norm = RmsNorm(c["width"], c["normEpsilon"])
        cos, sin = rope_table(c["maxPositions"], c["headDim"], c["ropeBase"])
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.apply(init_weights)

    def encode_image(self, pixels: Tensor) -> Tensor:
        """(N, 3, 28, 28) -> (N, 16, W)."""
        return self.projector(self.feature_dropout(self.tower(pixels)))

    def merge(self, ids: Tensor, features: Tensor) -> Tensor:
        """Embed (B, S) ids and put the visual tokens (N, 16, W) at the image positions, in order."""
        x = self.embed(ids)
        mask = (ids == self.image_token_id).unsqueeze(-1).expand_as(x)
        return x.masked_scatter(mask, features.to(x.dtype))

    def hidden(
        self, x: Tensor, past: Cache | None = None, taps: list[Tensor] | None = None
    ) -> tuple[Tensor, Cache]:
        """(B, S, W) embeddings -> (B, S, W) normed hidden states and the cache.

        Every block's output (B, S, W) is appended to `taps` if given.
        """
        start = past[0][0].shape[2] if past else 0
        rope = (self.cos[start : start + x.shape[1]], self.sin[start : start + x.shape[1]])
        caches: Cache = []
        for i, block in enumerate(self.blocks):
            x, cache = block(x, rope, past[i] if past else None)
            caches.append(cache)
            if taps is not None:
                taps.append(x)
        return self.norm(x), caches

    def prefix(self, ids: Tensor, lengths: Tensor, features: Tensor) -> tuple[Tensor, "Prefix"]:
        """Right-padded prompts (P, L) with one image each (P, 16, W) -> last hidden state (P, W) and the prefix."""
        hidden, caches = self.hidden(self.merge(ids, features))
        padding = (torch.arange(ids.shape[1])[None] >= lengths[:, None])[:, None, None]
        last = hidden[torch.arange(len(ids)), lengths - 1]
        return last, Prefix([PrefixLayer(k, v, padding) for k, v in caches], lengths)

    def continued(self, ids: Tensor, prefix: "Prefix", own: list[OwnCache] | None) -> Tensor:
        """Hidden states (P·K, S, W) of K continuations (P·K, S) of each prompt."""
        said = own[0].length if own else 0
        each = len(ids) // len(prefix.lengths)
        places = prefix.lengths.repeat_interleave(each)[:, None] + said + torch.arange(ids.shape[1])[None]
        rope = (self.cos[places][:, None], self.sin[places][:, None])
        x = self.embed(ids)
        for i, block in enumerate(self.blocks):
            x = block.continued(x, rope, prefix.layers[i], own[i] if own else None)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., W) -> (..., V)."""
        return hidden @ self.embed.weight.T


def init_weights(module: nn.Module) -> None:
    """Normal 0.02 for embeddings and linear layers."""
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


def freeze_batch_norm(model: nn.Module) -> None:
    """Keep BatchNorm's running statistics while the rest trains."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
