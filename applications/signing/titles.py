"""What is signed, as the phone and the page name it."""

from django.utils import translation

from applications.models import Purpose, SigningRequest

TITLES = {
    Purpose.APPLICATION: {
        "nameKz": "1-сыныпқа қабылдау туралы өтінім",
        "nameRu": "Заявление о приёме в 1 класс",
        "nameEn": "Application for grade 1",
    },
    Purpose.WITHDRAWAL: {
        "nameKz": "Өтінімді кері қайтарып алу",
        "nameRu": "Отзыв заявления",
        "nameEn": "Withdrawal of the application",
    },
    Purpose.DECISION: {
        "nameKz": "1-сыныпқа қабылдау туралы шешім",
        "nameRu": "Решение о приёме в 1 класс",
        "nameEn": "Decision on admission to grade 1",
    },
    Purpose.SUPPLEMENT: {
        "nameKz": "Өтінімге құжат қосу",
        "nameRu": "Дополнение заявления документом",
        "nameEn": "Document added to the application",
    },
}


# A batch of several documents is one of decisions: nobody signs several of the others at once.
MANY = {
    "nameKz": "1-сыныпқа қабылдау туралы шешімдер: {count}",
    "nameRu": "Решения о приёме в 1 класс: {count}",
}


def title_of(signing_requests: list[SigningRequest]) -> str:
    """What is signed, in the language of whoever asks."""
    titles = MANY if len(signing_requests) > 1 else TITLES[Purpose(signing_requests[0].purpose)]
    return titles["nameRu" if translation.get_language() == "ru" else "nameKz"].format(
        count=len(signing_requests)
    )
