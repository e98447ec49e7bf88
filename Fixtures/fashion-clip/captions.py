"""The captions of the fashion fixture: the classes, what they are called, and the sentences around them."""

import random

# Fashion-MNIST's ten classes in label order: the name, and the phrase that fills a prompt.
CLASSES = [
    ("t-shirt", "a t-shirt"),
    ("trousers", "a pair of trousers"),
    ("pullover", "a pullover"),
    ("dress", "a dress"),
    ("coat", "a coat"),
    ("sandal", "a sandal"),
    ("shirt", "a shirt"),
    ("sneaker", "a sneaker"),
    ("bag", "a bag"),
    ("ankle boot", "an ankle boot"),
]

# Singular phrases and plurals of each class; the first of each is the class name.
SINGULAR = [
    ["a t-shirt", "a tee", "a tee shirt", "a short-sleeved top", "a plain top"],
    ["a pair of trousers", "a pair of pants", "a pair of slacks", "long trousers", "trousers"],
    ["a pullover", "a sweater", "a jumper", "a knitted pullover", "a sweatshirt"],
    ["a dress", "a gown", "a long dress", "a summer dress", "a frock"],
    ["a coat", "a jacket", "an overcoat", "a winter coat", "a buttoned coat"],
    ["a sandal", "an open sandal", "a strappy sandal", "a summer sandal", "a flip-flop"],
    ["a shirt", "a blouse", "a buttoned shirt", "a shirt with a collar", "a dress shirt"],
    ["a sneaker", "a trainer", "a running shoe", "a sports shoe", "a tennis shoe"],
    ["a bag", "a handbag", "a purse", "a shoulder bag", "a bag with a handle"],
    ["an ankle boot", "a boot", "a high boot", "a leather boot", "a boot with a heel"],
]
PLURAL = [
    ["t-shirts", "tees", "short-sleeved tops"],
    ["trousers", "pants", "slacks"],
    ["pullovers", "sweaters", "jumpers"],
    ["dresses", "gowns", "frocks"],
    ["coats", "jackets", "overcoats"],
    ["sandals", "flip-flops", "strappy sandals"],
    ["shirts", "blouses", "buttoned shirts"],
    ["sneakers", "trainers", "running shoes"],
    ["bags", "handbags", "purses"],
    ["ankle boots", "boots", "leather boots"],
]
ATTRIBUTES = [
    ["with short sleeves", "for the upper body", "worn in summer"],
    ["with two legs", "for the legs", "with a belt"],
    ["with long sleeves", "made of wool", "worn over the head"],
    ["with a skirt", "without legs", "for an evening"],
    ["with long sleeves and a front opening", "worn outdoors", "for cold days"],
    ["with open toes", "for the beach", "with straps"],
    ["with a collar", "with buttons", "for the office"],
    ["with laces", "with a flat sole", "for running"],
    ["to carry things", "with a handle", "made of leather"],
    ["that covers the ankle", "with a heel", "for wet days"],
]

SINGULAR_TEMPLATES = [
    "{}", "{}.", "a photo of {}.", "a picture of {}.", "a small picture of {}.", "a grey image of {}.",
    "an image showing {}.", "this is {}.", "this is a photo of {}.", "here we see {}.", "a product photo of {}.",
    "a low resolution photo of {}.", "a blurry photo of {}.", "a bright photo of {}.", "a dark photo of {}.",
    "the shop sells {}.", "somebody wears {}.", "fashion item: {}.", "a picture from a catalogue: {}.",
    "one article of clothing: {}.", "{} on a black background.", "a centred picture of {}.",
]
PLURAL_TEMPLATES = [
    "{}", "a photo of {}.", "a small picture of {}.", "a picture from the category {}.", "the shop sells {}.",
    "category: {}", "an example of {}.", "we like {}.",
]

# The prompts of the zero-shot classifier. The last four are never seen in training.
PROMPTS = [
    "a photo of {}.",
    "a small picture of {}.",
    "a grey image of {}.",
    "this is {}.",
    "a black and white photo of {}.",
    "an old picture showing {}.",
    "look, {}!",
    "my friend bought {} today.",
]


def caption(label, source):
    """One caption of a class, chosen by the random source."""
    choice = source.random()
    if choice < 0.6:
        return source.choice(SINGULAR_TEMPLATES).format(source.choice(SINGULAR[label]))
    if choice < 0.8:
        return source.choice(PLURAL_TEMPLATES).format(source.choice(PLURAL[label]))
    return source.choice(SINGULAR_TEMPLATES).format(
        f"{source.choice(SINGULAR[label])} {source.choice(ATTRIBUTES[label])}")


def corpus(count, seed):
    """Captions of all classes in turn, from which the vocabulary is trained."""
    source = random.Random(seed)
    return [caption(index % len(CLASSES), source) for index in range(count)]

# The texts of the golden bundles: plain ones of every class, and those on which tokenizers differ. The last one fills
# the context.
EXAMPLES = [f"a photo of {phrase}." for _, phrase in CLASSES] + [
    "bag",
    "sneakers",
    "a tee shirt",
    "long trousers",
    "knitted pullovers",
    "a summer dress on a black background.",
    "a winter coat with long sleeves and a front opening.",
    "a picture from a catalogue: a strappy sandal.",
    "a blurry photo of a dress shirt with buttons.",
    "a pair of running shoes",
    "fashion item: a leather handbag.",
    "an old picture showing a boot with a heel.",
    "something to wear",
    "not clothing at all",
    "a red car",
    "A PHOTO OF A PULLOVER.",
    "Ankle Boots and Sandals",
    "it's a jumper, we've seen it",
    "3 dresses and 12 coats",
    "a bag &amp; a purse",
    "a shirt &amp;amp; a blouse",
    "\u201ca shirt\u201d",
    "caf\u00e9-style gown",
    "\u00fcber coat",
    "\u30b3\u30fc\u30c8",
    "boots \U0001f462!",
    "  two   trainers  ",
    "...?!",
    "x",
    "a photo of an ankle boot that covers the ankle, for wet days, made of leather.",
]
