"""Found articles as hits: what is marked in them is the same whatever found them."""

from connectors.ports import Hit
from transforms.documents import texts
from transforms.matching import snippet, spans
from transforms.query import Query
from transforms.records import Article

#: Of articles like another: so many words stand for it, and so many of them in a hundred the others must have.
MOST_WORDS, LEAST_SHARED = 25, 30
#: A word that no other article has finds none.
LEAST_ARTICLES = 2


def hit(article: Article, query: Query | None) -> Hit:
    """The article with the words of `query` marked in its headline, and in its text, or else its standfirst; where they
    stand in none of these but in its keywords, with those in place of the text."""

    def found(field: str, text: str) -> list[tuple[int, int]]:
        return spans(query, field, text, article.language) if query is not None else []

    in_title = found("title", article.title)
    title = snippet(article.title, in_title, width=400)
    in_body, in_description = found("body", article.body), found("description", article.description)
    if in_description and not in_body:
        return Hit(article=article, title=title, text=snippet(article.description, in_description))
    if not (in_title or in_body):
        [keywords] = texts(article, "keywords")
        if in_keywords := found("keywords", keywords):
            return Hit(article=article, title=title, text=snippet(keywords, in_keywords))
    return Hit(article=article, title=title, text=snippet(article.body, in_body))
