"""A training step: clear the gradients, forward, backward, let the optimizer step, let the schedule step.

`loss.backward()` adds each weight's gradient to `weight.grad`; it does not overwrite what is there. So the gradients
have to be cleared once a step: anywhere but between `backward()` and `optimizer.step()`, which would throw away what
was just computed. Never cleared, each step also repeats all earlier ones.
Source: https://docs.pytorch.org/docs/stable/notes/autograd.html.

Adding up is also useful. Gradient accumulation runs n small batches before one step, in the memory of one, and divides
each loss by n: the gradient is that of the large batch. That holds if all batches have as many labels. Of uneven
ones each loss is a mean over its own number of labels, so a label of a short batch counts more; the sum of all losses
has to be divided by the number of labels in all of them (transformers does since 4.46, `num_items_in_batch`).

`loss_list.append(loss)` keeps the graph that made the loss; `float(loss)`, `loss.item()` or
`float(loss.cpu().detach())` keep a number. After `backward()` the activations are freed all the same; of a loss that
is never put through `backward()`, as in evaluation without `torch.no_grad()`, all of them stay in memory.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import copy
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import peft
import torch
from torch import Tensor
from transformers import LlamaForCausalLM, get_scheduler

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support.gpu import Size, cost, llama, only_on_gpu, optimizer_of
from reference_trainer.support.gpu import tokens as tokens_of
from reference_trainer.support.gpu import training_step as step_of
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import SEEDS

TERMS = ("训练循环", "training loop", "lr_scheduler.step", "optimizer.step")
MISREADINGS = (
    {
        "pattern": (
            (
                r"(必须|一定要|务必|只能|must|has to|have to)…(前向|forward)…(之前|以前|前|before)…(zero_grad|"
                r"清零|清空)"
            ),
            (
                r"(zero_grad|清零|清空)…(必须|一定要|务必|只能|must|has to|have to)…(before …forward|(前向|"
                r"forward)…(之前|以前|前))"
            ),
            r"zero_grad(\(\))?`? must (always )?(be called|come|stand|go) before (the |each |every )?forward( pass)?",
        ),
        "about": ("zero_grad", "梯度清零", "清零梯度", "清空梯度", "optimizer.zero_grad", "zero_grad()"),
        "unless": r"或|\bor\b|反向|backward|累积|accumulat",
        "sure": True,
        "fact": "clearing_place_difference",
        "expectation": "> 0",
        "zh": "zero_grad 在前向之前、之后或 step 之后都一样；只是不能夹在 backward 与 step 之间",
        "en": "zero_grad before forward, after it or after step gives the same; between backward and step it harms",
    },
    {
        "pattern": (
            r"(梯度累积|梯度累加|gradient accumulation)…(等价|等效|相当于|完全相同|equivalent|identical|"
            r"same as)"
        ),
        "about": ("梯度累积", "梯度累加", "gradient accumulation"),
        "unless": r"标签|长度|token|label|length|归一",
        "fact": "uneven_accumulation_error",
        "expectation": "= 0%",
        "zh": "只有各小批的标签数相同时才等价；否则要按标签总数来除",
        "en": "equivalent only if all batches have as many labels; otherwise divide by the labels of all of them",
    },
    {
        "pattern": (
            (
                r"(backward(\(\))?|反向传播)`?(?:(?!zero|step|之?前)[^，,。；：;\n不非没未]){0,12}(自动|"
                r"automatically)(?:(?!zero|step)[^，,。；;\n不非没未]){0,8}((清零|清空|清除)(了|之前的|上一步的|"
                r"旧的|的){0,2}(梯度|grad)|(clears?|zeros?|zeroes|resets?) (the |old |previous |all ){0,2}grad)"
            ),
            (
                r"(backward(\(\))?|反向传播)`?…(梯度|gradients?)…(自动(清零|清空)|(cleared|zeroed|"
                r"reset) automatically|automatically (cleared|zeroed|reset))"
            ),
            (
                r"\bbackward(\(\))?(都会?|会|将|时| ){0,3}(覆盖|替换|取代)(掉|了)?(之前|以前|上一次|上次|上一步|"
                r"旧|原有|已有|原来|原先)?的?梯度"
            ),
            r"\bbackward(\(\))? (overwrites|replaces) (the )?(previous|old|existing|earlier|last) grad",
            (
                r"PyTorch ?(会|将|在[^，,。；\n不非没未]{0,8}(会)?)(自动)(清零|清空|清除)(之前|上一步|旧|上一次|"
                r"所有)?的?梯度"
            ),
            r"PyTorch automatically (clears|zeros|zeroes|resets) (the |all |old |previous ){0,2}grad",
            (
                r"(新的?|本次的?)梯度(都)?(会|将)?(直接)?(覆盖|替换|取代)(掉)?(之前|以前|上一次|上次|上一步|旧|"
                r"原有|已有|原来|原先)的?(梯度)?"
            ),
            (
                r"gradients are (automatically )?(reset|cleared|zeroed)( automatically)? (on|at|by|with|before|"
                r"after) (each|every) (call (of|to) )?`?(loss\.)?backward"
            ),
            (
                r"gradients? (are|get|is|will be) (automatically )?(replaced|overwritten|reset|cleared|"
                r"zeroed)( automatically)? (on|at|by|with|in|before|after|during) (each|every|the next)"
            ),
            r"zero_grad(\(\))?`? (is not|isn't|is never) (needed|necessary|required)",
            r"PyTorch ?(会|将)?(在)?[^，,。；\n不非没未]{0,14}自动(把|将)?梯度(清零|清空|置零|归零)",
            r"PyTorch (clears|zeros|zeroes|resets) (the |all )?gradients (automatically|by itself|for you)",
        ),
        "about": (
            "backward",
            "loss.backward",
            "反向传播",
            "backward()",
            "PyTorch",
            "zero_grad",
            "zero_grad()",
            "梯度清零",
        ),
        "unless": (
            r"累积|accumulat|keras|tensorflow|trainer|accelerate|lightning|fastai|deepspeed|封装|set_to_none|"
            r"\bif\b|如果"
        ),
        "sure": True,
        "fact": "gradient_without_zero_grad",
        "expectation": "= 1×",
        "zh": "backward 从不清零：它把梯度加到已有的梯度上",
        "en": "backward never clears: it adds to the gradients that are there",
    },
    {
        "pattern": (
            (
                r"\bbackward\(\)(\*\*)?[：: ]{0,3}(?:(?!step|optim|优化|用于|用来|以便|为了|准备|供|不|没|后|再|"
                r"以|得到|所|需|然|接|时|前|之)[^#\n;；，,。`]){0,16}(更新|调整)(了)?(模型|网络|共享)?的?(所有|"
                r"各层|可训练)?的?(参数|权重)(?!所|需|的|时|用|之?前|梯度)"
            ),
            (
                r"\bbackward\(\)[：: ]{1,3}(?:(?!step|optim|\bto\b|\bfor\b|\bnot\b|later|which|used|"
                r"then)[^#\n;,.`]){0,24}\bupdat(es|ing) (the |all |model |model's |network |your ){0,2}(weights|"
                r"param(eter)?s)\b(?! grad)"
            ),
            (
                r"\bbackward\(\)(\*\*)?[：: ]{0,3}(会|将)?(反向传播|计算梯度|求梯度)[，,、](并|同时|且|再|"
                r"然后)(更新|调整)(模型|网络)?的?(参数|权重)"
            ),
            (
                r"\bbackward\(\)`? (adjusts|modifies|changes|optimi[sz]es|updates) (the |all |model's |"
                r"model ){0,3}(weights|param)"
            ),
            r"\bbackward\(\)`?(会|将|就|直接|负责){0,2}(更新|调整|修改)(了|模型|网络|所有|的){0,3}(权重|参数)",
            (
                r"backward\(\)`?(这一步|一步|函数|会|将|就|直接|负责|时|，|,){0,3}(完成|实现|进行)(了)?(模型|网络|"
                r"对)?(的)?(参数|权重)(的)?更新"
            ),
            r"\bbackward pass (updates|adjusts|changes) (the |all |model's |network's ){0,3}(weights|param)",
            (
                r"(调用|执行)(完)? ?`?(loss\.)?backward(\(\))?`? ?(之?后)?[，,]?(模型)?的?(参数|权重)(就|便|"
                r"即)(会|被)?(更新|改变)"
            ),
        ),
        "code": (
            r"\bbackward\(\) {0,8}# {0,4}(?:(?!step|optim|优化器|用于|用来|以便|为了|准备|不|没|后|"
            r"再)[^#\n;；]){0,20}(更新|调整)(模型|网络|共享)?的?(所有|各层|可训练)?的?(参数|权重)(?!所|需|的|"
            r"时|用|之?前)|\bbackward\(\) {0,8}# {0,4}(?:(?!step|optim|\bto |\bfor |\bnot |"
            r"later)[^#\n;]){0,24}\bupdates? (the |all |model |network ){0,2}(weights|"
            r"param(eter)?s)\b(?! grad)"
        ),
        "about": ("backward", "backward()", "loss.backward"),
        "unless": r"optimi[sz]er|优化器|step\(|fused|DeepSpeed|自定义|hook",
        "sure": True,
        "fact": "backward_moves_weights",
        "expectation": "yes",
        "zh": "backward() 只算梯度，一个权重也不动；更新参数的是 optimizer.step()",
        "en": "backward() computes gradients and moves no weight; optimizer.step() does",
    },
    {
        "pattern": (
            (
                r"\b(optimi[sz]er|optim|opt)\.step\(\)(\*\*)?[：: ]{0,8}(# {0,4})?(会|负责|用于|用来|是)?(计算|"
                r"求)(各|所有|参数|权重|模型|损失|出|每个|的){0,4}梯度(?!下降|更新|后|之后|并|，|,|以|来|的|、|和|"
                r"裁剪)"
            ),
            (
                r"\b(optimi[sz]er|optim|opt)\.step\(\)[：: ]{1,8}(# {0,4})?(computes?|calculates?) (the |"
                r"all )?(new )?gradients?\b(?! descent| step| update|,| and| penalty)"
            ),
        ),
        "about": ("optimizer.step", "step()", "optim.step", "opt.step"),
        "unless": r"closure|LBFGS|backward",
        "sure": True,
        "fact": "update_if_cleared_after_backward",
        "expectation": "> 0",
        "zh": "step() 只用已有的梯度：先清零再 step，权重不动；算梯度的是 backward()",
        "en": "step() uses the gradients that are there: cleared before it, nothing moves; backward() computes them",
    },
    {
        "pattern": (
            (
                r"(梯度累积|梯度累加)(时|中|的时候|过程中)?[，,]?(并)?(不需要|不用|不必|无需|无须)(再)?(对|把|"
                r"将)?(损失|loss)(都|再|进行)?(除以|缩放|归一化|平均)"
            ),
            (
                r"gradient accumulation,? (there is no need to|you (do not|don't) (need|have) to|"
                r"it is not necessary to) (divide|scale|average|normali[sz]e) (the |each |your )?loss"
            ),
            r"(梯度累积|梯度累加)(时|中|的时候|过程中)?[，,]?(损失|loss)(并)?(不用|不必|无需|无须|不需要)(再)?除以",
            (
                r"(in|with|during|for|when using) gradient accumulation,? (you |we |one )?(do not|don't|needn't|"
                r"need not|should not|shouldn't)( need to| have to)? (divide|scale|normali[sz]e|average) (the |"
                r"your |each )?loss"
            ),
            (
                r"(梯度累积|梯度累加)(时|中|的时候)?[，,]?(不用|不必|无需|不需要)(再)?(对|把|将)?(损失|loss)(做|"
                r"进行|取)(平均|除法|缩放|归一化)"
            ),
            (
                r"(when|while) accumulating gradients,? (there is|there's|you have) no need to (divide|scale|"
                r"average|normali[sz]e)"
            ),
            (
                r"(梯度累积|梯度累加)(时|中)?[，,]?(损失|loss)(不需要|无需|不用|不必)(再)?(做|进行)?(缩放|归一化|"
                r"平均|除法)"
            ),
            (
                r"loss (need not|doesn't need to|does not need to|needn't) be (divided|scaled|averaged|"
                r"normali[sz]ed) (when|while|with|in|during|if) (using |doing )?(gradient accumulation|"
                r"accumulating)"
            ),
        ),
        "about": ("梯度累积", "梯度累加", "gradient accumulation"),
        "unless": r"trainer|accelerat|deepspeed|lightning|框架|封装|\bsum\b|求和|yourself|itself|自己|手动",
        "sure": True,
        "fact": "undivided_accumulation",
        "expectation": "= 1×",
        "zh": "不除以累积步数，梯度就是大批的若干倍",
        "en": "without the division the gradient is as many times too large as there are steps",
    },
    {
        "pattern": (
            (
                r"(同一个?|相同的?)(损失|loss|计算图)(张量|值)?(可以|能|能够)(直接)?(多次|两次|反复|重复|再次|"
                r"连续)(地)?(调用|执行|进行|做)?[^，,。；\n不非没未]{0,4}(backward|反向传播)"
            ),
            (
                r"can (safely )?(call|run) `?(loss\.)?backward(\(\))?`? (twice|several times|multiple times|"
                r"repeatedly|again) on the same (loss|graph)"
            ),
        ),
        "about": ("backward", "backward()", "loss.backward", "反向传播"),
        "unless": r"retain_graph|保留(计算)?图|重新(前向|计算)",
        "sure": True,
        "fact": "second_backward_works",
        "expectation": "yes",
        "zh": "第二次 backward 会报错：计算图用过就释放，除非设 retain_graph=True",
        "en": "a second backward fails: the graph is freed after the first, unless retain_graph=True",
    },
    {
        "pattern": (
            (
                r"scheduler\.step\(\)`?(应该?|必须|要|需要|应当|须|得|一定要|需)?(放|写|调用|执行|置)?(在|"
                r"于) ?`?(optimi[sz]er|optim|opt)\.step\(\)`?(的)?(之前|前面|前)(调用|执行|进行)?(?!会|将|则|就|"
                r"，[^。]{0,6}(警告|warn))"
            ),
            (
                r"scheduler\.step\(\)`? (should|must|has to|needs to) (be called|be|go|come|run|"
                r"stand) before `?(optimi[sz]er|optim|opt)\.step"
            ),
            (
                r"先(调用|执行|写|走) ?`?(lr_)?scheduler\.step\(\)`?[，,、]?(再|然后|后)(调用|执行|写|"
                r"走)? ?`?(optimi[sz]er|optim|opt)\.step"
            ),
            r"call `?(lr_)?scheduler\.step\(\)`? before `?(optimi[sz]er|optim|opt)\.step",
            r"先 ?`?(lr_)?scheduler\.step\(\)`?[，,、 ]{0,2}(再|然后|后) ?`?(optimi[sz]er|optim|opt)\.step",
        ),
        "about": ("scheduler.step", "lr_scheduler.step"),
        "unless": r"警告|warn|跳过|skip|1\.1|旧版|早期|以前",
        "sure": True,
        "fact": "scheduler_first_warns",
        "expectation": "no",
        "zh": "先调用 lr_scheduler.step() 会跳过第一个学习率，torch 会警告：它在 optimizer.step() 之后",
        "en": "called first, it skips the first rate, and torch warns: it comes after optimizer.step()",
    },
    {
        "pattern": (
            (
                r"backward\(\)`? ?之?后[、，, ]{0,2}(且|并|又|而)?(在)? ?`?((optimi[sz]er|optim|"
                r"opt)\.)?step\(\)`? ?之?前[，,]?(应该?|必须|要|需要?|先|再)?(调用|执行|使用|写|加|"
                r"进行)? ?`?((optimi[sz]er|optim|opt|model)\.)?(zero_grad|梯度清零|清零梯度|清空梯度)"
            ),
            (
                r"(call|use|put) `?((optimi[sz]er|optim|opt|model)\.)?zero_grad\(\)`? (right |"
                r"directly )?after `?(loss\.)?backward\(\)`?,? (and |but )?(right )?before `?((optimi[sz]er|optim|"
                r"opt)\.)?step\(\)"
            ),
            (
                r"zero_grad(\(\))?`?(应该?|要|需要?|必须|应当|一般|通常){0,2}(放|写|调用|加|置)?(在|"
                r"于)[^，,。；\n不非没未]{0,12}backward(\(\))?`? ?(和|与|、|,|"
                r"and) ?`?[^，,。；\n不非没未]{0,12}step(\(\))?`?(之间|中间)"
            ),
            (
                r"zero_grad(\(\))?`? (should |must |has to )?(goes|go|be called|be placed|stand|"
                r"comes?) between `?[^.,;\n]{0,10}backward(\(\))?`? and"
            ),
            (
                r"backward\(\)`?[^。；;\n不非没未]{0,8}(先|再|立即|"
                r"马上)[^。；;\n不非没未]{0,6}zero_grad\(\)`?[，,、 ]{0,2}(再|然后|接着)[^。；;\n]{0,12}step\(\)"
            ),
        ),
        "about": ("zero_grad", "zero_grad()", "梯度清零", "清零梯度", "清空梯度", "optimizer.zero_grad"),
        "unless": r"不能|不要|不可|裁剪|clip|wrong|never|lose|丢失|不会|失效",
        "sure": True,
        "fact": "update_if_cleared_after_backward",
        "expectation": "> 0",
        "zh": "在 backward 与 step 之间清零，梯度就没了，权重不动",
        "en": "cleared between backward and step, the gradients are gone and no weight moves",
    },
    {
        "pattern": (
            r"\.item\(\)`?(也|仍|仍然|还)?(会)?(保留|留住|持有|保持|占用)(着|了|整个|完整|的){0,3}计算图",
            r"\.item\(\)`? (still )?(keeps|retains|holds)( on to)? (the )?(whole |computation(al)? |autograd )?graph",
        ),
        "about": (".item()", "item()", "loss.item"),
        "sure": True,
        "fact": "graph_kept_by_float",
        "expectation": "yes",
        "zh": "item() 返回一个数，不留计算图",
        "en": "item() gives a number and keeps no graph",
    },
)

PARTS = 4
ON_GPU = ("gpu_whole_peak", "gpu_accumulated_peak", "gpu_accumulation_time_ratio")
"""The facts that take a GPU to tell."""
IGNORED = -100


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """One step of a two-layer Llama on random tokens, done in the right order and in wrong ones."""

    gradient_without_zero_grad: float = fact(
        zh="不调用 zero_grad，同一批数据第二次 backward 后的梯度是几倍",
        en="gradient after a second backward on the same batch without zero_grad",
        unit="×",
        terms=(
            "zero_grad",
            "optimizer.zero_grad",
            "loss.backward",
            "梯度清零",
            "清空梯度",
            "clear the gradients",
            "梯度累加",
        ),
        question_zh="漏掉 `optimizer.zero_grad()`，同一批数据第二次 `backward()` 后梯度变为几倍？",
        question_en="Without `zero_grad()`, how large is the gradient after a second `backward()` on the same batch?",
    )
    update_if_cleared_after_backward: float = fact(
        zh="在 backward 与 step 之间调用 zero_grad 时，权重的最大变化",
        en="largest change of a weight if zero_grad stands between backward and step",
        terms=("zero_grad", "optimizer.zero_grad", "optimizer.step", "loss.backward"),
        question_zh="把 `zero_grad()` 放在 `backward()` 与 `optimizer.step()` 之间，权重会变化多少？",
        question_en="With `zero_grad()` between `backward()` and `optimizer.step()`, how much do the weights change?",
    )
    backward_moves_weights: bool = fact(
        zh="只调用 loss.backward()、不调用 step()，权重是否改变",
        en="whether loss.backward() alone, without step(), changes a weight",
        terms=("loss.backward", "optimizer.step"),
        question_zh="只调用 `loss.backward()`，不调用 `optimizer.step()`，权重会改变吗？",
        question_en="Does `loss.backward()` alone, without `optimizer.step()`, change any weight?",
    )
    clearing_place_difference: float = fact(
        zh="zero_grad 放在前向之前、前向之后或 step 之后，训练 3 步后权重的最大差",
        en="largest difference of a weight after 3 steps: zero_grad before forward, after forward or after step",
        terms=("zero_grad", "optimizer.zero_grad", "梯度清零"),
        question_zh="`zero_grad()` 放在前向之前、前向之后还是 `step()` 之后，结果差多少？",
        question_en="`zero_grad()` before forward, after forward or after `step()`: how much do the results differ?",
    )
    cleared_gradient_is_none: bool = fact(
        zh="zero_grad 之后，梯度是否为 None（而不是 0）",
        en="whether a gradient is None, and not zeros, after zero_grad",
        terms=("zero_grad", "set_to_none"),
        why_zh="set_to_none=True 是默认：省下一份显存，也不必写零",
        why_en="set_to_none=True is the default: it saves the memory, and no zeros have to be written",
    )
    accumulation_difference: Spread = fact(
        zh="4 个等长小批、损失各除以 4，与一个大批的梯度相对差",
        en="relative difference of the gradient: 4 even batches, each loss divided by 4, against one large batch",
        terms=("梯度累积", "gradient accumulation", "gradient_accumulation_steps"),
        varies=True,
        tolerance=1e-6,
    )
    undivided_accumulation: float = fact(
        zh="累积 4 个小批而不除以 4，梯度是大批的几倍",
        en="gradient of 4 accumulated batches over that of the large batch if the losses are not divided",
        unit="×",
        terms=("梯度累积", "gradient accumulation", "gradient_accumulation_steps"),
        question_zh="累积 4 个小批的梯度却不把损失除以 4，梯度是大批的几倍？",
        question_en="Four accumulated batches without dividing the loss by 4: how large is the gradient?",
    )
    uneven_accumulation_error: Spread = fact(
        zh="4 个小批的标签数为 2、6、14、30 时，损失各除以 4 的梯度相对误差",
        en="relative error of the gradient: batches of 2, 6, 14 and 30 labels, each loss divided by 4",
        unit="%",
        terms=("梯度累积", "gradient accumulation", "gradient_accumulation_steps", "num_items_in_batch"),
        varies=True,
        tolerance=1.0,
        question_zh="各小批标签数不同（2、6、14、30）时，“每个损失除以 4”的累积梯度误差有多大？",
        question_en="Batches of 2, 6, 14 and 30 labels, each loss divided by 4: how wrong is the accumulated gradient?",
    )
    token_weighted_error: Spread = fact(
        zh="同样不均匀的小批，改为除以标签总数后的梯度相对误差",
        en="relative error of the gradient of the same uneven batches, divided by the labels of all of them",
        terms=("num_items_in_batch",),
        varies=True,
        tolerance=1e-6,
        why_zh="除以标签总数，每个标签的权重就相同",
        why_en="divided by the labels of all batches, each label weighs the same",
    )
    graph_kept_by_undetached_loss: bool = fact(
        zh="把损失张量直接存进 loss_list，是否留住计算图",
        en="whether a loss tensor in loss_list keeps its graph",
        terms=("loss_list", "detach", "loss.item", "computation graph"),
        question_zh="`loss_list.append(loss)`（不 detach）会留住计算图吗？",
        question_en="Does `loss_list.append(loss)`, without detach, keep the graph alive?",
        why_zh="张量的 grad_fn 指着整个计算图，列表留住张量，也就留住了图",
        why_en="the tensor's grad_fn points to its graph: a list that keeps the one keeps the other",
    )
    graph_kept_by_float: bool = fact(
        zh="`float(loss.cpu().detach())` 是否留住计算图",
        en="whether `float(loss.cpu().detach())` keeps the graph",
        terms=("loss_list", "detach", "loss.item"),
    )
    activations_kept_after_backward: float = fact(
        zh="backward 之后，未 detach 的损失还留住激活的百分之几",
        en="share of the activations that an undetached loss still holds after backward",
        unit="%",
        terms=("loss_list", "detach", "retain_graph"),
        why_zh="backward 用完就释放了激活，留下的只是图的骨架",
        why_en="backward frees the activations as it uses them; what is left is the bare graph",
    )
    activations_kept_without_backward: float = fact(
        zh="没有 backward（如评估时忘了 no_grad），未 detach 的损失留住激活的百分之几",
        en="share of the activations that an undetached loss holds if there is no backward, as in evaluation",
        unit="%",
        terms=("loss_list", "detach"),
    )
    second_backward_works: bool = fact(
        zh="对同一个损失再调用一次 backward 能否成功（不设 retain_graph）",
        en="whether a second backward on the same loss works without retain_graph",
        terms=("loss.backward", "retain_graph"),
    )
    scheduler_first_warns: bool = fact(
        zh="lr_scheduler.step() 先于 optimizer.step() 时，torch 是否警告",
        en="whether torch warns if lr_scheduler.step() comes before optimizer.step()",
        terms=("lr_scheduler.step", "optimizer.step", "scheduler.step", "[scheduler is called]", "[调度器先于]"),
        question_zh="`lr_scheduler.step()` 先于第一次 `optimizer.step()` 调用，torch 会警告吗？",
        question_en="Does torch warn if `lr_scheduler.step()` is called before the first `optimizer.step()`?",
    )
    gpu_whole_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、LoRA、bf16、16×512 词元，一次前向：一步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, LoRA, bf16, 16×512 tokens, in one pass: peak memory of a step",
        unit="GiB",
        terms=(
            "梯度累积",
            "gradient accumulation",
            "gradient_accumulation_steps",
        ),
        varies=True,
        tolerance=0.5,
    )
    gpu_accumulated_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、LoRA、bf16、16×512 词元，分 16 次累积：一步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, LoRA, bf16, 16×512 tokens, accumulated in 16 passes: peak memory of a step",
        unit="GiB",
        terms=(
            "梯度累积",
            "gradient accumulation",
            "gradient_accumulation_steps",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="同一时刻只有一行的激活",
        why_en="the activations of one row alone are there at a time",
    )
    gpu_accumulation_time_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、LoRA、bf16、16×512 词元，分 16 次累积的用时是一次的几倍",
        en="GPU, Llama-3.2-1B's shape, LoRA, bf16, 16×512 tokens, time accumulated in 16 passes over one pass",
        unit="×",
        terms=(
            "梯度累积",
            "gradient accumulation",
            "gradient_accumulation_steps",
        ),
        varies=True,
        tolerance=0.3,
        why_zh="一行填不满 GPU，十六遍就是十六次启动",
        why_en="one row does not fill the GPU, and sixteen passes start everything sixteen times",
    )


def run(device: torch.device, seed: int = 0) -> TrainingStep:
    """Take training steps in every order, and compare gradients and weights."""
    with reproducible(seed):
        model = tiny_llama(device).train()
        tokens = torch.randint(256, (8, 32)).to(device)  # (batch, tokens)
        even = tokens.chunk(PARTS)  # four times (2, 32)
        once = gradient(model, [(tokens, tokens)])
        errors = [
            Spread.of(values) for values in zip(*(accumulated(device, seed + n) for n in range(SEEDS)), strict=True)
        ]
        return TrainingStep(
            gradient_without_zero_grad=ratio(gradient(model, [(tokens, tokens)] * 2), once),
            update_if_cleared_after_backward=distance(
                trained(model, tokens, "after backward", steps=1), weights(model)
            ),
            backward_moves_weights=backward_moves(model, tokens),
            clearing_place_difference=max(
                distance(trained(model, tokens, place), trained(model, tokens, "before forward"))
                for place in ("after forward", "after step")
            ),
            cleared_gradient_is_none=cleared_is_none(model, tokens),
            accumulation_difference=errors[0],
            undivided_accumulation=ratio(gradient(model, [(part, part) for part in even]), once),
            uneven_accumulation_error=errors[1],
            token_weighted_error=errors[2],
            graph_kept_by_undetached_loss=has_graph(loss_of(model, tokens)),
            graph_kept_by_float=has_graph(float(loss_of(model, tokens).cpu().detach())),
            activations_kept_after_backward=kept_activations(model, tokens, backward=True),
            activations_kept_without_backward=kept_activations(model, tokens, backward=False),
            second_backward_works=second_backward_works(model, tokens),
            scheduler_first_warns=scheduler_first_warns(),
            **only_on_gpu(device, ON_GPU, on_gpu),
        )


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure a step on a batch as a whole, and in sixteen parts."""
    tuned = peft.get_peft_model(llama(device, size.middle), peft.LoraConfig(task_type="CAUSAL_LM")).train()
    ids, optimizer = tokens_of(device, 16, size.of(512)), optimizer_of(tuned)
    whole, parts = (cost(device, step_of(tuned, ids, optimizer, parts=parts), runs=3) for parts in (1, 16))
    return {
        "gpu_whole_peak": whole.peak,
        "gpu_accumulated_peak": parts.peak,
        "gpu_accumulation_time_ratio": parts.milliseconds / whole.milliseconds,
    }


def accumulated(device: torch.device, seed: int) -> tuple[float, float, float]:
    """Return how wrong the gradients of four batches are, for a model and tokens of one seed.

    Of even batches, each loss divided by 4; of uneven ones, likewise and in per cent; of uneven ones, divided by the
    labels of all of them.
    """
    torch.manual_seed(seed)
    model = tiny_llama(device).train()
    tokens = torch.randint(256, (8, 32)).to(device)  # (batch, tokens)
    even = tokens.chunk(PARTS)  # four times (2, 32)
    uneven = [masked(part, labels) for part, labels in zip(even, (1, 3, 7, 15), strict=True)]
    whole = torch.cat(uneven)
    once, right = gradient(model, [(tokens, tokens)]), gradient(model, [(tokens, whole)])
    return (
        relative(gradient(model, [(part, part) for part in even], 1 / PARTS), once),
        100 * relative(gradient(model, zip(even, uneven, strict=True), 1 / PARTS), right),
        relative(gradient(model, zip(even, uneven, strict=True), labels=count(whole)), right),
    )


def masked(tokens: Tensor, keep: int) -> Tensor:
    """Return labels that ask for the last `keep` tokens of each row only."""
    labels = tokens.clone()
    labels[:, :-keep] = IGNORED
    return labels


def count(labels: Tensor) -> int:
    """Return the number of labels that count: the model shifts them by one, so the first column never does."""
    return int((labels[:, 1:] != IGNORED).sum())


def loss_of(model: LlamaForCausalLM, tokens: Tensor, labels: Tensor | None = None, items: int | None = None) -> Any:  # noqa: ANN401  (a Tensor whose methods torch does not annotate)
    """Return the mean loss over the labels, or their sum divided by `items`."""
    labels = tokens if labels is None else labels
    extra = {} if items is None else {"num_items_in_batch": items}
    return model(input_ids=tokens, labels=labels, **extra).loss


def gradient(
    model: LlamaForCausalLM, batches: Iterable[tuple[Tensor, Tensor]], factor: float = 1.0, labels: int | None = None
) -> Tensor:
    """Return the gradient of all weights in one row, added up over the batches; the model is left without any."""
    for tokens, wanted in batches:
        (factor * loss_of(model, tokens, wanted, labels)).backward()
    found = torch.cat([weight.grad.flatten() for weight in model.parameters() if weight.grad is not None])
    model.zero_grad()
    return found


def relative(found: Tensor, right: Tensor) -> float:
    """Return the length of the difference over the length of the right one."""
    return float((found - right).norm() / right.norm())


def ratio(found: Tensor, base: Tensor) -> float:
    """Return how many times as long one gradient is, to six digits."""
    return round(float(found.norm() / base.norm()), 5)


def trained(model: LlamaForCausalLM, tokens: Tensor, place: str, steps: int = 3) -> Tensor:
    """Train a copy for a few steps with `zero_grad` at some place, and return its weights in one row."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    clear: Callable[[str], None] = lambda here: optimizer.zero_grad() if here == place else None  # noqa: E731  (a word in the loop)
    for _ in range(steps):
        clear("before forward")
        loss = loss_of(model, tokens)
        clear("after forward")
        loss.backward()
        clear("after backward")
        optimizer.step()
        clear("after step")
    return weights(model)


def backward_moves(model: LlamaForCausalLM, tokens: Tensor) -> bool:
    """Whether a weight is another after a backward pass, with no step of an optimizer."""
    before = weights(model)
    loss_of(model, tokens).backward()
    model.zero_grad()
    return not torch.equal(before, weights(model))


def weights(model: LlamaForCausalLM) -> Tensor:
    """Return all weights in one row."""
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def distance(one: Tensor, other: Tensor) -> float:
    """Return the largest absolute difference."""
    return (one - other).abs().max().item()


def cleared_is_none(model: LlamaForCausalLM, tokens: Tensor) -> bool:
    """Whether `zero_grad` leaves None in place of gradients."""
    loss_of(model, tokens).backward()
    torch.optim.SGD(model.parameters()).zero_grad()
    return all(weight.grad is None for weight in model.parameters())


def has_graph(loss: Tensor | float) -> bool:
    """Whether an entry of a list of losses leads to the operations that made it."""
    return getattr(loss, "grad_fn", None) is not None


class Held:
    """A tensor that the graph has saved for backward."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def kept_activations(model: LlamaForCausalLM, tokens: Tensor, *, backward: bool) -> float:
    """Return the share, in per cent, of what was saved for backward that a list with the loss still holds."""
    saved: WeakSet[Held] = WeakSet()

    def pack(tensor: Tensor) -> Held:
        held = Held(tensor)
        saved.add(held)
        return held

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda held: held.tensor):
        loss_list = [loss_of(model, tokens)]
    before = size(saved)
    if backward:
        loss_list[0].backward()
        model.zero_grad()
    return 100 * size(saved) / before


def size(saved: Iterable[Held]) -> int:
    """Return the number of values that are held."""
    return sum(held.tensor.numel() for held in saved)


def second_backward_works(model: LlamaForCausalLM, tokens: Tensor) -> bool:
    """Whether one loss can be put through `backward` twice."""
    loss = loss_of(model, tokens)
    loss.backward()
    try:
        loss.backward()
    except RuntimeError:
        return False
    finally:
        model.zero_grad()
    return True


def scheduler_first_warns() -> bool:
    """Whether the wrong order of the two steps is warned about."""
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
    scheduler = get_scheduler("linear", optimizer, num_warmup_steps=1, num_training_steps=10)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        scheduler.step()
    return any("before `optimizer.step()`" in str(warning.message) for warning in told)


if __name__ == "__main__":
    publish(run)
