"""Invented filler that says of itself that it is invented. `{}` takes a link."""

CHINESE = (
    "这一句是为演示而编造的文字，不是任何报道的内容。",
    "此处的样本文字只用来占住段落的位置，不含任何事实。",
    "本段样本由程序随意拼成，供爬虫演示之用，请勿当作新闻。",
    "真正的文章在出版者的网站上，这里只有编造的样本。",
    "编造的句子有长有短，好让段落看上去像段落，仅此而已。",
    "如果您在数据库里读到这一句，那么您看到的是样本数据。",
)
CHINESE_LINKED = (
    "这句编造的样本文字里有一个链接，“{}”，其余各字均为虚构。",
    "样本段落在此引用“{}”，引文前后的文字都是编造的。",
    "为演示链接所在的上下文，这里写下一句虚构的话：{}，句子到此为止。",
    "编造的叙述者提到{}，随后承认自己只是一段样本。",
)
TRADITIONAL = (
    "這一句是為演示而編造的文字，並不是任何報導的內容。",
    "此處的樣本文字只用來佔住段落的位置，不含任何事實。",
    "真正的文章在出版者的網站上，這裡只有編造的樣本。",
    "編造的句子有長有短，好讓段落看上去像段落，僅此而已。",
)
TRADITIONAL_LINKED = (
    "這句編造的樣本文字裡有一個連結，「{}」，其餘各字均為虛構。",
    "樣本段落在此引用「{}」，引文前後的文字都是編造的。",
    "編造的敘述者提到{}，隨後承認自己只是一段樣本。",
)
ENGLISH = (
    "This is invented sample text and reports nothing at all.",
    "No editor has seen this filler sentence, because a small program made it up.",
    "Whoever finds this line in a database is looking at sample data, not at news.",
    "The real article is on the publisher's site, and these made-up words only take its place.",
    "Another fabricated sentence follows the last one, so that the paragraph looks like one.",
)
CAPTIONS = ("[样本图说]编造的图片说明。", "[样本图说]这里没有照片，只有虚构的说明。")
CAPTION_LINKED = "[样本图说]编造的图片说明，其中有一个链接：{}。"
REVISED = "[修订]编辑在第二天补写了这一句，仍是编造的样本。"
