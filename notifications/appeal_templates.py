"""What people hear of an appeal of a refusal (D73)."""

from django.utils.translation import gettext_lazy as _

from notifications.template import Template

TEMPLATES: dict[str, Template] = {
    # to the parent
    "appeal_filed": Template(
        _("№%(number)s өтінім: шағымыңыз тіркелді"),
        _(
            "Шағым мектепке жіберілді, білім басқармасы да көреді. Мектеп: %(school)s. "
            "Жауап берудің соңғы мерзімі: %(until)s."
        ),
        _("OQU: №%(number)s өтінім бойынша шағымыңыз тіркелді."),
        answers=True,
    ),
    "appeal_passed": Template(
        _("№%(number)s өтінім: шағымыңыз білім басқармасына берілді"),
        _("Мектептің пікірі шағымның бетінде. Басқарма жауабының соңғы мерзімі: %(until)s."),
    ),
    "appeal_upheld": Template(
        _("№%(number)s өтінім: шағымыңыз қанағаттандырылды"),
        _("Білім басқармасы мектептен өтінім бойынша қайта шешім қабылдауды талап етті. Мектеп: %(school)s."),
        _("OQU: №%(number)s: шағымыңызға жауап берілді. Кабинетті қараңыз."),
        urgent=True,
        calls=True,
    ),
    "appeal_declined": Template(
        _("№%(number)s өтінім: шағымыңыз қанағаттандырылмады"),
        _("Бас тарту күшінде қалды. Келіспесеңіз, бір ай ішінде сотқа жүгінуге болады. Мектеп: %(school)s."),
        _("OQU: №%(number)s: шағымыңызға жауап берілді. Кабинетті қараңыз."),
        urgent=True,
        calls=True,
    ),
    # to the school and to the department
    "appeal_school": Template(
        _("№%(number)s өтінім: бас тартуға шағым түсті"),
        _(
            "Шешімді түзетіңіз не пікіріңізді жазып, шағымды білім басқармасына беріңіз. "
            "Соңғы мерзімі: %(due)s, содан кейін шағым басқармаға өздігінен беріледі."
        ),
        urgent=True,
    ),
    "appeal_department": Template(
        _("№%(number)s өтінім: мектептің бас тартуына шағым түсті"),
        _(
            "Мектеп: %(school)s. Мектептің шешімін түзету мерзімі: %(due)s. Содан кейін жауапты сіз бересіз, "
            "соңғы мерзімі: %(until)s."
        ),
        urgent=True,
    ),
    "appeal_passed_department": Template(
        _("№%(number)s өтінім: мектеп шағымды пікірімен берді"),
        _("Мектеп: %(school)s. Жауап берудің соңғы мерзімі: %(until)s."),
        urgent=True,
    ),
    "appeal_upheld_school": Template(
        _("№%(number)s өтінім: білім басқармасы шағымды қанағаттандырды"),
        _("Басқарманың жауабын оқып, шешімді түзетіңіз."),
        urgent=True,
        calls=True,
    ),
    "appeal_declined_school": Template(
        _("№%(number)s өтінім: шағым қанағаттандырылмады"),
        _("Бас тарту күшінде қалды, ештеңе істеу қажет емес."),
    ),
    "appeal_taken_back": Template(
        _("№%(number)s өтінім: шағым кері қайтарып алынды"),
        _("Ата-ана шағымын кері қайтарып алды. Мектеп: %(school)s."),
    ),
}
