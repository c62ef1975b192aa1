"""Data loading: examples of different lengths become rectangular batches, and the loss skips what was filled in.

A batch is a tensor of (rows, tokens), so short rows are padded up to the longest one. Three tensors go together:

- `input_ids`: the tokens, with `pad_token_id` where a row has ended.
- `attention_mask`: 1 for a token, 0 for padding, so that attention does not look at it.
- `labels`: what the loss asks for, as int64. -100 means: ask nothing here. It is `ignore_index` of
  torch's cross entropy (https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html), and it is also
  how the prompt's tokens are kept out of the loss. Copying `input_ids` with its padding teaches the model to write
  padding, and no error says so.

A causal model of transformers shifts the labels itself: position t is asked for token t + 1, so `labels` are
`input_ids` with some places set to -100, not shifted by hand.

The `DataLoader` keeps the last, shorter batch unless `drop_last=True`; with a seeded generator it shuffles the same
way on every run, and another way in every epoch (https://docs.pytorch.org/docs/stable/data.html).
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import peft
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader
from transformers import DataCollatorForLanguageModeling, LlamaForCausalLM, PreTrainedTokenizerFast

from ankillm.evidence import fact, publish
from reference_trainer.support.gpu import Cost, Size, cost, llama, only_on_gpu, optimizer_of, training_step
from reference_trainer.support.gpu import tokens as tokens_of
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.reproducible import reproducible

TERMS = ("get_data", "train_dataloader", "数据加载", "data loading", "collate_fn", "attention_mask")
MISREADINGS = (
    {
        "pattern": (
            (
                r"attention_mask…(填充|padding|\bpads?\b)…(不参与|不计入|不算入|(out of|excluded from|"
                r"ignored (in|by)))…(损失|loss)"
            ),
            (
                r"attention_mask`?(中)?(的)?(值)?(为|是|=|等于)? ?0 ?的?(位置|词元|token|部分|地方)(都|就|"
                r"也)?不(会)?(参与|计入|计算|算入)(到)?(的)?(损失|loss)"
            ),
            (
                r"pad(ding)?( tokens?)? (is|are|gets?) (automatically )?(excluded from|ignored in|masked out of|"
                r"left out of) (the )?loss (by|because of|via|through|thanks to|using|with) (the |an |"
                r"its )?`?attention[ _]mask"
            ),
            (
                r"(有了|设置了?|传入了?|加上|通过|使用|用) ?`?attention_mask`?(后|之后|，|,|就|可以|能|来|使|让|"
                r"保证|确保){0,4}(填充|padding|pad)(部分|词元|token|的|位置){0,3}(都|就|也)?不(会)?(参与|计入|"
                r"算入|计算)(到)?(损失|loss)"
            ),
            (
                r"attention[ _]mask`? (makes sure|ensures) (that )?(the )?pad(ding)?( tokens?)? (does not|do not|"
                r"doesn't|don't|never) (contribute|count)s? (to|towards|in) the loss"
            ),
        ),
        "about": ("attention_mask", "attention mask"),
        "unless": r"-100|ignore_index|loss_mask|labels?\b",
        "sure": True,
        "fact": "unmasked_padding_changes_loss",
        "expectation": "no",
        "zh": "attention_mask 只管注意力；labels 里写成 -100 的填充才不计入损失",
        "en": "attention_mask is for attention; only padding that is -100 in the labels stays out of the loss",
    },
    {
        "pattern": (
            r"(填充|padding|\bpads?\b)…(不影响|不参与|自动忽略|自动跳过|automatically ignored|"
            r"does not affect|doesn't affect)…(损失|loss)"
        ),
        "unless": r"-100|ignore_index|mask|掩码|labels?",
        "fact": "unmasked_padding_changes_loss",
        "expectation": "no",
        "zh": "labels 里写成 -100 的填充才不计入损失；照抄 input_ids 会教模型写填充符",
        "en": "only padding that is -100 in the labels stays out of the loss; a copy of input_ids teaches it",
    },
    {
        "pattern": (
            r"DataLoader…(默认|by default)…(丢弃|舍弃|丢掉|\bdrops?\b(?!_last))",
            r"(默认|by default)…DataLoader…(丢弃|舍弃|丢掉|\bdrops?\b(?!_last))",
            r"DataLoader (discards|drops|throws away|skips) (the )?last (incomplete |partial )?batch by default",
        ),
        "about": ("DataLoader",),
        "unless": r"drop_last ?= ?True|分布式|DistributedSampler",
        "sure": True,
        "fact": "last_batch",
        "expectation": "= 4",
        "zh": "DataLoader 默认保留最后不足一批的数据；drop_last=True 才丢弃",
        "en": "by default the DataLoader keeps the last, shorter batch; drop_last=True drops it",
    },
    {
        "pattern": (
            (
                r"labels?…(需要|必须|must|needs? to|have to|has to)…(手动|自己|by hand|manually|"
                r"yourself)?…(左移|右移|错开一位|移一位|错位|\bshift)"
            ),
            (
                r"(必须|需要|一定要|务必|must|need to|have to)(自己|手动|先|yourself|manually| ){1,3}(把|将|"
                r"对)? ?`?labels?`?…(左移|右移|错开一位|移一位|移动一位|\bshift)"
            ),
            r"(must|need to|have to) shift (the )?labels? (yourself|by hand|manually)",
        ),
        "about": ("AutoModelForCausalLM", "transformers", "Hugging Face", "HuggingFace", "Trainer"),
        "unless": (
            r"自己(计算|写|实现)|手写|自定义|custom|from scratch|T5|seq2seq|decoder_input_ids|模型内部|"
            r"internally|不传"
        ),
        "sure": True,
        "fact": "labels_shifted_by_model",
        "expectation": "no",
        "zh": "transformers 的因果语言模型自己把 labels 错开一位，不必手动移",
        "en": "a causal model of transformers shifts the labels itself",
    },
    {
        "pattern": (
            r"ignore_index`?(的|参数|值){0,2}默认(值)?(是|为|忽略)? ?(0|-1|−1)(?!\.?\d)",
            (
                r"(交叉熵|CrossEntropyLoss|cross_entropy)(\(\))?`?(损失|函数|会|在)?默认(会|"
                r"情况下)?(会)?忽略(掉)?(标签|索引|类别|值|填充|为|的|id|padding|pad| ){0,5}(0|-1|−1)(?!\.?\d)"
            ),
            r"ignore_index`? (defaults to|is by default) (0|-1)(?!\.?\d)",
            (
                r"(CrossEntropyLoss|cross[_ -]entropy( loss)?)(\(\))?`? ignores (the )?(padding |label |index |"
                r"class |id |token ){1,3}(0|-1) by default"
            ),
            r"(the )?default (value of )?`?ignore_index`?( of [^.,;\n]{0,24})? is (0|-1)(?!\.?\d)",
            (
                r"(填充|padding|\bpad\b)(位置|部分|词元|token|处|的| ){0,4}(labels?|标签)(值|id)?(都|应该?|要|"
                r"需要?|须|必须|会|被|一般|通常){0,3}(设为|设成|设置为|置为|填为|赋值为|填充为|用|为|是|标为|"
                r"记为) ?(0|-1)(?!\.?\d)"
            ),
            (
                r"padd?(ing|ed)? (tokens?|positions?)('s)? labels? (should|must|are|is|"
                r"have to)( be)?( set to)? (0|zero|-1)(?!\.?\d)"
            ),
            (
                r"(交叉熵|CrossEntropyLoss|cross[ -]?entropy)(损失|函数|loss|\(\)| ){0,4}默认(会|"
                r"情况下)?(会)?忽略(掉)?…(值|标签|索引|类别|id)(为|是|=)? ?(0|-1)(?!\.?\d)"
            ),
            (
                r"cross[- ]?entropy ?(loss)? ignores (the )?(label|index|class|target|token)s? ?(0|"
                r"-1)(?!\.?\d)[^.;\n]{0,14}by default"
            ),
        ),
        "about": ("CrossEntropyLoss", "cross_entropy", "ignore_index", "交叉熵", "cross entropy", "cross-entropy"),
        "unless": r"keras|tensorflow|paddle|mindspore|ignore_index ?= ?(0|-1)|attention_mask|-100",
        "sure": True,
        "fact": "ignore_index",
        "expectation": "-1..0",
        "zh": "默认忽略的标签是 -100",
        "en": "the label that is ignored by default is -100",
    },
    {
        "pattern": (
            (
                r"(-100|−100)`? ?(的)?(位置|标签|词元|token|部分|地方)?(也|仍|仍然|还|依然|同样)(会|要|将)?(计入|"
                r"参与|算入|计算)(到|在)?(了|总)?(损失|loss)"
            ),
            (
                r"-100`? (still|also) (contributes?|counts?|adds?|is (counted|included))( to| in| into|"
                r" towards)? (the )?loss"
            ),
        ),
        "about": ("labels", "label", "标签", "ignore_index"),
        "sure": True,
        "fact": "padding_changes_loss",
        "expectation": "yes",
        "zh": "labels 为 -100 的位置不计入损失",
        "en": "positions whose label is -100 stay out of the loss",
    },
    {
        "pattern": (
            (
                r"len\(\w{0,12}(loader|_dl)\)`? {0,8}(是|为|等于|返回|表示|得到|代表|：|:|#)(的是|"
                r"了)? {0,4}(训练集|测试集|数据集|训练|测试|整个|全部)?(的|中的)?(样本|数据|样例)(的)?(总)?(数量|"
                r"个数|条数|数)(?!除|/|据|集|批)(?![^，,。\n]{0,12}(批|batch))"
            ),
            (
                r"len\(\w{0,12}(loader|_dl)\)`? (is|returns|gives|equals) (the )?(total )?number of (training |"
                r"test )?(examples|samples|data ?points|rows)(?! (divided|/|per)| in (a|each) batch)"
            ),
            (
                r"len\(\w{0,12}(loader|_dl)\)\) {0,8}# {0,4}(训练集|测试集|数据集|训练|测试|总)?(的)?样本(总)?(数|"
                r"数量)(?!据|/|除)"
            ),
            (
                r"len\(\w{0,12}(loader|_dl)\)`? (is|returns|gives( you)?|equals|counts|"
                r"tells( you)?) (the )?(total )?(number of |size of )(all |the )?((training|test|"
                r"validation) )?(examples|samples|data ?points|rows|data ?set)(?! (divided|/|per)| in (a|"
                r"each) batch)"
            ),
            (
                r"len\(\w{0,12}(loader|_dl)\)`? (returns|gives( you)?|is|tells( you)?) how many ((training|test|"
                r"validation) )?(samples|examples|rows|data points)"
            ),
        ),
        "about": (
            "DataLoader",
            "dataloader",
            "data_loader",
            "train_loader",
            "test_loader",
            "train_dataloader",
            "loader",
        ),
        "unless": r"batch_size ?= ?1\b|Iterable|len\(\w{0,12}(loader|_dl)\.dataset\)|dataset\)",
        "sure": True,
        "fact": "batches_per_epoch",
        "expectation": "= 10",
        "zh": "len(DataLoader) 是一轮的批数",
        "en": "len(DataLoader) is the number of batches of an epoch",
    },
    {
        "pattern": (
            (
                r"shuffle`? ?= ?`?True`?[^。；\n]{0,12}(每个?|各个?|every|each) ?(epoch|"
                r"轮)(的)?[^，,。；\n不非没未]{0,4}(顺序|次序)(都)?(相同|一样|一致|不变|固定)"
            ),
            r"shuffle`? ?= ?`?True`?(时)?[，,]?(只|仅)(会)?(在)?[^，,。；\n]{0,8}(打乱|洗牌)(一)?次",
            (
                r"shuffle ?= ?True`?,? (the |a )?(DataLoader )?(uses|keeps|gives|yields) the same order (in|for|"
                r"at|every|each)"
            ),
            r"shuffle ?= ?True`? (shuffles|shuffled) (the data )?only once",
            (
                r"shuffl(e ?= ?True|ing)`?……(shuffles?|reorders?|randomi[sz]es?) (the |all )?(data|examples|"
                r"samples|dataset|order) (only )?(once|a single time)"
            ),
            r"shuffle`? ?= ?`?True……(只|仅)(会)?(在)?……(打乱|洗牌)(一)?(次|遍)(数据)?",
        ),
        "about": ("DataLoader", "dataloader", "data_loader"),
        "unless": r"generator|seed|种子|Distributed|set_epoch|tensorflow|tf\.data|reshuffle|keras",
        "sure": True,
        "fact": "shuffle_changes_each_epoch",
        "expectation": "no",
        "zh": "shuffle=True 每一轮都重新打乱",
        "en": "shuffle=True shuffles anew in every epoch",
    },
)

IGNORED = -100
PAD = 0
ON_GPU = ("gpu_padding_time_ratio", "gpu_pageable_copy_ratio", "gpu_all_logits_peak", "gpu_learned_logits_peak")
"""The facts that take a GPU to tell."""


@dataclass(frozen=True, slots=True)
class DataLoading:
    """Rows of 12 and 5 tokens in one batch of a two-layer Llama; ten examples in batches of four."""

    padding_changes_loss: bool = fact(
        zh="填充处的 labels 为 -100 时，填充是否改变损失",
        en="whether padding changes the loss if its labels are -100",
        terms=(
            "padding tokens",
            "padding token",
            "填充符",
            "填充词元",
            "填充 token",
            "-100",
            "pad_token_id",
            "ignore_index",
        ),
        question_zh="填充处的 `labels` 设为 -100，填充会改变损失吗？",
        question_en="With `labels` of -100 where there is padding, does padding change the loss?",
    )
    unmasked_padding_changes_loss: bool = fact(
        zh="labels 照抄 input_ids（填充未设 -100）时，填充是否改变损失",
        en="whether padding changes the loss if labels are a plain copy of input_ids",
        terms=("padding tokens", "填充符", "填充词元", "填充 token", "-100", "pad_token_id"),
        question_zh="`labels = input_ids.clone()`、填充处没有设成 -100，损失会变吗？",
        question_en="With `labels = input_ids.clone()` and padding not set to -100, does the loss change?",
    )
    missing_mask_changes_loss: bool = fact(
        zh="右侧填充且 labels 为 -100 时，漏传 attention_mask 是否改变损失",
        en="whether leaving out attention_mask changes the loss: padding on the right, -100 in the labels",
        terms=("attention_mask", "右填充", "right padding", "padding_side"),
        question_zh="因果模型、右侧填充、labels 已设 -100：漏传 `attention_mask` 会改变损失吗？",
        question_en="A causal model, padding on the right, -100 in the labels: does a missing `attention_mask` matter?",
        why_zh="填充在右侧，因果掩码使前面的词元看不到它，而它自己的 labels 是 -100",
        why_en="padding stands on the right, where the causal mask hides it from what is before, and its own "
        "labels are -100",
    )
    labels_shifted_by_model: bool = fact(
        zh="labels 的错位（位置 t 预测 t+1）是否由模型自己完成",
        en="whether the model shifts the labels itself (position t is asked for token t + 1)",
        terms=("input_ids", "AutoModelForCausalLM"),
        question_zh="transformers 的因果语言模型会自己把 `labels` 错开一位（位置 t 预测 t+1）吗？",
        question_en="A causal model of transformers: does it shift `labels` by one itself?",
    )
    ignore_index: int = fact(
        zh="交叉熵默认忽略的标签值 ignore_index",
        en="label that cross entropy ignores by default (ignore_index)",
        terms=("ignore_index", "-100", "CrossEntropyLoss"),
        question_zh="`labels` 里填什么值，交叉熵会默认忽略？",
        question_en="Which value in `labels` does cross entropy ignore by default?",
    )
    all_ignored_loss_is_nan: bool = fact(
        zh="一批的 labels 全为 -100 时，损失是否为 NaN",
        en="whether the loss is NaN if all labels of a batch are -100",
        terms=("-100", "ignore_index", "truncation", "截断"),
        question_zh="一批数据的 `labels` 全是 -100（如回答被截断光），损失是 NaN 吗？",
        question_en="If all `labels` of a batch are -100 (the answers were cut off), is the loss NaN?",
        why_zh="损失是对计入的标签取平均：一个也没有，就是 0 除以 0",
        why_en="the loss is a mean over the labels that count: with none it is 0 divided by 0",
    )
    label_dtype: str = fact(
        zh="labels 需要的整数类型",
        en="type that labels must have",
        terms=("torch.long", "input_ids"),
        question_zh="计算交叉熵时，`labels` 必须是什么 dtype？",
        question_en="Which dtype must `labels` have for cross entropy?",
        why_zh="标签是类别的编号，交叉熵按它取下标，所以要 64 位整数",
        why_en="labels number the classes, and cross entropy looks them up: it takes 64-bit integers",
    )
    collator_ignores_end: bool = fact(
        zh="pad_token 设成 eos_token 时，语言模型的 collator 是否把句末的 eos 也设成 -100",
        en="whether the language-model collator also sets the final eos to -100 if pad_token is eos_token",
        terms=("DataCollatorForLanguageModeling", "pad_token", "pad_token = eos_token"),
        question_zh="`tokenizer.pad_token = tokenizer.eos_token` 时，collator 会把句末的 eos 也忽略掉吗？",
        question_en="With `tokenizer.pad_token = tokenizer.eos_token`, does the collator also ignore the final eos?",
        why_zh="collator 把每个等于 pad_token_id 的标签都设成 -100，句末的 eos 也是",
        why_en="the collator sets each label that equals pad_token_id to -100, and so the final eos",
    )
    last_batch: int = fact(
        zh="10 条数据、batch_size=4，最后一批有几条",
        en="examples in the last batch: 10 examples, batch_size=4",
        terms=("DataLoader", "drop_last", "train_dataloader", "get_data"),
        question_zh="10 条数据、`DataLoader(batch_size=4)`，最后一批有几条？",
        question_en="10 examples, `DataLoader(batch_size=4)`: how many are in the last batch?",
    )
    batches_per_epoch: int = fact(
        zh="同样的 DataLoader，len() 是多少（一轮几批）",
        en="len() of that DataLoader: batches an epoch",
        terms=("DataLoader", "train_dataloader", "num_update_steps_per_epoch"),
    )
    shuffle_repeats_with_seed: bool = fact(
        zh="generator 用同一个种子时，shuffle=True 的顺序是否重现",
        en="whether shuffle=True gives the same order again with a generator of the same seed",
        terms=("shuffle", "DataLoader", "torch.Generator", "manual_seed"),
        question_zh="`DataLoader(shuffle=True, generator=…)` 用同一个种子，两次运行的顺序相同吗？",
        question_en="`DataLoader(shuffle=True, generator=…)` with the same seed: is the order the same in two runs?",
        why_zh="顺序由随机数生成器抽取，种子相同，抽出的数就相同",
        why_en="the order is drawn from the generator, and the same seed draws the same numbers",
    )
    shuffle_changes_each_epoch: bool = fact(
        zh="shuffle=True 时，第二轮的顺序是否与第一轮不同",
        en="whether shuffle=True gives another order in the second epoch",
        terms=("shuffle", "DataLoader"),
    )
    gpu_padding_time_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、LoRA、64 行 32–512 词元、每批 8 行：打乱成批的用时是按长度成批的几倍",
        en="GPU, Llama-3.2-1B's shape, LoRA, "
        "64 rows of 32 to 512 tokens in batches of 8: time of mixed batches over sorted ones",
        unit="×",
        terms=(
            "collate_fn",
            "填充词元",
            "padding tokens",
            "group_by_length",
        ),
        varies=True,
        tolerance=0.3,
        why_zh="长短混排的批次要补齐到最长的一行，补的也要算",
        why_en="a mixed batch is filled up to its longest row, and what fills it is computed too",
    )
    gpu_pageable_copy_ratio: float | None = fact(
        zh="GPU：把 256 MiB 从内存拷到显存：普通内存的用时是锁页内存（pin_memory）的几倍",
        en="GPU, copying 256 MiB to it: time from ordinary memory over pinned memory (pin_memory)",
        unit="×",
        terms=(
            "pin_memory",
            "锁页内存",
            "pinned memory",
        ),
        varies=True,
        tolerance=2.0,
        why_zh="普通内存要先拷进一块锁页的中转区，锁页内存由 GPU 直接取",
        why_en="ordinary memory goes through a pinned buffer first, pinned memory the GPU fetches itself",
    )
    gpu_all_logits_peak: float | None = fact(
        zh="GPU：同一模型、8×512 词元、每行只学 4 个：计算全部 logits 的一步峰值显存",
        en="GPU, the same model, 8×512 tokens, 4 learned a row: peak memory of a step with all logits",
        unit="GiB",
        terms=(
            "-100",
            "ignore_index",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="每个位置都有一行 logits，长度是词表的 128256",
        why_en="each position has a row of logits, as long as the vocabulary of 128,256",
    )
    gpu_learned_logits_peak: float | None = fact(
        zh="GPU：同样，只算要学的位置的 logits 的一步峰值显存",
        en="GPU, the same: peak memory of a step with logits of the learned places only",
        unit="GiB",
        terms=(
            "-100",
            "ignore_index",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="只有要学的位置才过输出层",
        why_en="only learned places go through the output layer",
    )


def run(device: torch.device, seed: int = 0) -> DataLoading:
    """Measure what padding does to a loss, and what a loader yields."""
    with reproducible(seed):
        model = tiny_llama(device).train(mode=False)
        rows = [torch.randint(1, 256, (length,)) for length in (12, 5)]
        ids, mask, labels = (part.to(device) for part in padded(rows))  # each (2, 12)
        alone = separate_loss(model, [row.to(device) for row in rows])
        padded_loss = loss(model, ids, labels, mask)
        orders = [shuffled(seed) for _ in range(2)]
        ten: Any = range(10)  # a sequence serves as a data set
        sizes = [len(batch) for batch in DataLoader(ten, batch_size=4)]
        return DataLoading(
            padding_changes_loss=differ(padded_loss, alone),
            unmasked_padding_changes_loss=differ(loss(model, ids, ids, mask), alone),
            missing_mask_changes_loss=differ(loss(model, ids, labels, None), padded_loss),
            labels_shifted_by_model=not differ(padded_loss, by_hand(model, ids, labels, mask)),
            ignore_index=inspect.signature(functional.cross_entropy).parameters["ignore_index"].default,
            all_ignored_loss_is_nan=bool(loss(model, ids, torch.full_like(ids, IGNORED), mask).isnan()),
            label_dtype=", ".join(accepted_types(device)),
            collator_ignores_end=collator_ignores_end(),
            last_batch=sizes[-1],
            batches_per_epoch=len(sizes),
            shuffle_repeats_with_seed=orders[0] == orders[1],
            shuffle_changes_each_epoch=orders[0][0] != orders[0][1],
            **only_on_gpu(device, ON_GPU, on_gpu),
        )


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure what padding, ordinary memory and logits that nobody asks for cost."""
    tuned = peft.get_peft_model(llama(device, size.middle), peft.LoraConfig(task_type="CAUSAL_LM")).train()
    optimizer = optimizer_of(tuned)
    lengths = torch.linspace(32, 512, 64).int()[torch.randperm(64)].tolist()
    mixed, ordered = (epoch(tuned, optimizer, device, size, order) for order in (lengths, sorted(lengths)))
    every, learned = (logits_step(tuned, optimizer, device, size, every=every) for every in (True, False))
    pinned = device.type == "cuda"
    ordinary, locked = (copy_time(device, size.of(2**28), pinned=on) for on in (False, pinned))
    return {
        "gpu_padding_time_ratio": mixed.milliseconds / ordered.milliseconds,
        "gpu_pageable_copy_ratio": ordinary / locked,
        "gpu_all_logits_peak": every.peak,
        "gpu_learned_logits_peak": learned.peak,
    }


def epoch(
    model: nn.Module, optimizer: torch.optim.Optimizer, device: torch.device, size: Size, lengths: list[int]
) -> Cost:
    """Measure steps on rows of these lengths, eight a batch, each batch as long as its longest row."""
    longest = [max(lengths[start : start + 8]) for start in range(0, len(lengths), 8)]
    steps = [training_step(model, tokens_of(device, 8, size.of(length)), optimizer) for length in longest]
    return cost(device, lambda: [step() for step in steps], warm=1, runs=3)


def logits_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, device: torch.device, size: Size, *, every: bool
) -> Cost:
    """Measure a step that learns the last four tokens of each row, with the logits of every place or of these alone."""
    ids = tokens_of(device, size.of(8), max(size.of(512), 8))

    def step() -> None:
        logits = model(input_ids=ids, logits_to_keep=0 if every else 5).logits[:, -5:-1]  # 0: of every place
        torch.autograd.backward(functional.cross_entropy(logits.float().flatten(0, 1), ids[:, -4:].flatten()))
        optimizer.step()
        optimizer.zero_grad()

    return cost(device, step)


def copy_time(device: torch.device, size: int, *, pinned: bool) -> float:
    """Return the milliseconds that bytes take from the processor's memory to the device."""
    data = torch.zeros(size, dtype=torch.uint8, pin_memory=pinned)
    target = torch.empty(size, dtype=torch.uint8, device=device)
    return cost(device, lambda: target.copy_(data)).milliseconds


def padded(rows: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Return input_ids, attention_mask and labels of rows of tokens, padded on the right: each (rows, longest)."""
    pad = torch.nn.utils.rnn.pad_sequence
    mask = pad([torch.ones_like(row) for row in rows], batch_first=True)
    ids = pad(rows, batch_first=True, padding_value=PAD)
    labels = pad(rows, batch_first=True, padding_value=IGNORED)
    return ids, mask, labels


@torch.no_grad()
def loss(model: LlamaForCausalLM, ids: Tensor, labels: Tensor, mask: Tensor | None) -> Tensor:
    """Return the mean loss over the labels that are not ignored."""
    value: Tensor = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    return value


def separate_loss(model: LlamaForCausalLM, rows: list[Tensor]) -> Tensor:
    """Return the mean loss over all labels of rows that go through the model one by one, without any padding."""
    asked = torch.tensor([len(row) - 1 for row in rows])
    losses = torch.stack([loss(model, row[None], row[None], None).cpu() for row in rows])
    return (losses * asked).sum() / asked.sum()


@torch.no_grad()
def by_hand(model: LlamaForCausalLM, ids: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Return the loss with logits of position t against the label of t + 1."""
    logits = model(input_ids=ids, attention_mask=mask).logits  # (rows, tokens, vocabulary)
    return functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())


def differ(one: Tensor, other: Tensor) -> bool:
    """Whether two losses differ by more than rounding does."""
    return not torch.allclose(one.cpu(), other.cpu(), rtol=1e-5)


def accepted_types(device: torch.device) -> list[str]:
    """Return the signed integer types (-100 needs a sign) that cross entropy takes as labels."""
    logits, accepted = torch.zeros(1, 4, device=device), []
    for dtype in (torch.int8, torch.int16, torch.int32, torch.int64):
        try:
            functional.cross_entropy(logits, torch.ones(1, dtype=dtype, device=device))
        except RuntimeError:
            continue
        accepted.append(str(dtype).removeprefix("torch."))
    return accepted


def collator_ignores_end() -> bool:
    """Whether the label of a sentence's own end token is ignored where that token also pads."""
    words = Tokenizer(WordLevel({"<eos>": 0, "a": 1, "b": 2, "?": 3}, unk_token="?"))  # noqa: S106  (a token of text)
    words.pre_tokenizer = Whitespace()
    end = "<eos>"
    reader: Any = PreTrainedTokenizerFast  # not annotated
    tokenizer = reader(tokenizer_object=words, eos_token=end, pad_token=end, unk_token="?")  # noqa: S106
    batch = DataCollatorForLanguageModeling(tokenizer, mlm=False)([{"input_ids": [1, 2, 1, 0]}])
    return int(batch["labels"][0, -1]) == IGNORED


def shuffled(seed: int) -> tuple[list[int], list[int]]:
    """Return the order of 32 examples in two epochs of a loader with a seeded generator."""
    generator = torch.Generator().manual_seed(seed)
    numbers: Any = range(32)  # a sequence serves as a data set
    loader: DataLoader[int] = DataLoader(numbers, shuffle=True, generator=generator)
    return [int(one) for one in loader], [int(one) for one in loader]


if __name__ == "__main__":
    publish(run)
