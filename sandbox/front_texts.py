"""The sentences of the first page and of a person's page."""

from sandbox.texts import Text

HOME = {
    "title": Text(
        "Оқу алаңы — мемлекеттік жүйелердің макеті",
        "Песочница — макет государственных систем",
        "Sandbox: the state systems in miniature",
    ),
    "lead": Text(
        "OQU порталы мұнда нағыз мемлекеттік жүйелердің орнына осы макетпен сөйлеседі: eGov, тізілімдер, "
        "1414, медициналық жүйе, SMS, электрондық қолтаңба. Адамдардың бәрі ойдан шығарылған.",
        "Вместо настоящих государственных систем портал OQU говорит здесь с макетом: eGov, регистры, 1414, "
        "медицинская система, SMS, электронная подпись. Все люди вымышлены.",
        "Here the OQU portal talks to this mock-up in place of the real state systems: eGov, registers, "
        "1414, the medical system, SMS, the electronic signature. All people are invented.",
    ),
    "walk": Text("Алғашқы жол", "Первый путь", "The first walk"),
    "walk_1": Text(
        "Порталда «Кіру» батырмасын басып, төмендегі адамдардың бірін таңдаңыз.",
        "На портале нажмите «Войти» и выберите человека из таблицы ниже.",
        "On the portal press «Кіру» and choose one of the people below.",
    ),
    "walk_2": Text(
        "Оның телефонын ашып, SMS-тегі бес таңбалы кодты енгізіңіз, «Рұқсат беру» батырмасын басыңыз.",
        "Откройте его телефон, введите пятизначный код из SMS, нажмите «Разрешить».",
        "Open their phone, enter the five digits of the SMS, press «Рұқсат беру».",
    ),
    "walk_3": Text(
        "1414 нөмірінен келген әр SMS-ке 511 деп жауап беріңіз: бірі — өзі, қалғаны — балалары туралы.",
        "На каждое SMS с 1414 ответьте 511: одно — о человеке, другие — о его детях.",
        "Answer 511 to each SMS from 1414: one is about the person, the others about their children.",
    ),
    "walk_4": Text(
        "Порталда «Онлайн қызметке тапсырыс беру» батырмасын басып, өтінімнің төрт қадамын толтырыңыз.",
        "На портале нажмите «Заказать услугу онлайн» и заполните четыре шага заявления.",
        "On the portal press «Онлайн қызметке тапсырыс беру» and fill in the four steps.",
    ),
    "walk_5": Text(
        "QR-кодты телефонның сканерімен оқып қол қойыңыз немесе ЭЦҚ кілтін таңдаңыз.",
        "Подпишите: прочтите QR-код сканером телефона или выберите ключ ЭЦП.",
        "Sign: read the QR code with the phone's scanner, or choose an EDS key.",
    ),
    "walk_6": Text(
        "Енді мектеп директоры болып кіріп, шешімге қол қойыңыз.",
        "Теперь войдите как директор школы и подпишите решение.",
        "Now sign in as the school's director and sign the decision.",
    ),
    "open_portal": Text("OQU порталын ашу", "Открыть портал OQU", "Open the OQU portal"),
    "open_egov": Text(
        "eGov арқылы: «Білім» → «Орта білім» → «1-сыныпқа қабылдау үшін құжаттарды қабылдау» "
        "→ «Онлайн сұрау»",
        "Через eGov: «Образование» → «Среднее образование» → «Приём документов для зачисления в 1 класс» "
        "→ «Онлайн-запрос»",
        "Through eGov: «Білім» → «Орта білім» → «1-сыныпқа қабылдау үшін құжаттарды қабылдау» "
        "→ «Онлайн сұрау»",
    ),
    "parents": Text("Ата-аналар", "Родители", "Parents"),
    "staff": Text("Мектептер мен басқарма", "Школы и управление", "Schools and the department"),
    "who": Text("Кім", "Кто", "Who"),
    "case": Text("Нені көрсетеді", "Что показывает", "What the case shows"),
    "kids": Text("Балалары", "Дети", "Children"),
    "work": Text("Ұйым", "Организация", "Organisation"),
    "phone": Text("Телефон", "Телефон", "Phone"),
    "faulty": Text(
        "Кейбір жүйелерге ақау қосылған.",
        "У некоторых систем включены сбои.",
        "Some systems are set to fail.",
    ),
    "systems": Text("Қандай жүйелер бар", "Какие системы здесь есть", "What systems are here"),
}

PERSON = {
    "kids": Text("Балалары", "Дети", "Children"),
    "parents": Text("Ата-анасы не өкілі", "Родители или представитель", "Parents or guardian"),
    "born": Text("Туған күні", "Дата рождения", "Born"),
    "address": Text("Тіркелген мекенжайы", "Адрес регистрации", "Registered address"),
    "phone": Text("Телефоны", "Телефон", "Phone"),
    "in_base": Text(
        "Нөмірі Мобильді азаматтар базасында бар",
        "Номер есть в Базе мобильных граждан",
        "The number is in the Mobile Citizens Database",
    ),
    "papers": Text(
        "Медициналық жүйедегі анықтамалар", "Справки в медицинской системе", "Papers in the medical system"
    ),
    "enrolment": Text("Қайда оқиды", "Где учится", "Enrolled"),
    "keep": Text("өзгеріссіз", "без изменений", "as it is"),
    "nowhere": Text("ешқайда", "нигде", "nowhere"),
    "preschool": Text("№63, даярлық (0) сынып", "№63, предшкольный (0) класс", "№63, preschool (grade 0)"),
    "grade_1": Text("№63, 1-сынып", "№63, 1 класс", "№63, grade 1"),
    "change": Text(
        "Тізілімдердегі деректерді өзгерту", "Изменить данные в регистрах", "Change what the registers say"
    ),
    "save": Text("Сақтау", "Сохранить", "Save"),
    "add": Text(
        "Бала қосу (eGov-та деректерді жаңартқандай)",
        "Добавить ребёнка (как при обновлении на eGov)",
        "Add a child (as when refreshing data on eGov)",
    ),
    "name": Text("Аты", "Имя", "Name"),
    "surname": Text("Тегі", "Фамилия", "Surname"),
    "sex": Text("Жынысы", "Пол", "Sex"),
    "boy": Text("ұл", "мальчик", "boy"),
    "girl": Text("қыз", "девочка", "girl"),
    "add_button": Text("Қосу", "Добавить", "Add"),
    "open_phone": Text("Телефонды ашу", "Открыть телефон", "Open the phone"),
    "patronymic": Text("Әкесінің аты", "Отчество", "Patronymic"),
    "ties": Text("Тізілімдегі байланысы", "Связь по регистру", "The tie by the register"),
    "PARENT": Text("ата-анасы", "родитель", "parent"),
    "GUARDIAN": Text("қамқоршысы", "опекун", "guardian"),
    "no_tie": Text("байланыс жоқ", "связи нет", "no tie"),
    "document": Text("Қаулының нөмірі", "Номер постановления", "Number of the decree"),
    "lose": Text(
        "Тізілім баланы бір минутқа жоғалтады",
        "Регистр теряет ребёнка на минуту",
        "The register loses the child for a minute",
    ),
    "turn": Text(
        "тізілім ескіше тағы бір рет жауап берген соң ғана өзгерсін",
        "изменить сразу после того, как реестр ответит по-старому ещё раз",
        "change in the moment after the register has answered the old way once more",
    ),
    "turning": Text(
        "Келесі жауаптан кейін өзгереді", "Изменится после следующего ответа", "Changes after the next answer"
    ),
    "hidden": Text(
        "Сот баланың тұрған жерін кімнен жасырды",
        "От кого суд скрыл местонахождение ребёнка",
        "From whom a court hides the child's whereabouts",
    ),
    "hidden_by": Text("Сот шешімінің нөмірі", "Номер решения суда", "Number of the court's decision"),
    "lost_now": Text("Тізілім қазір көрмейді", "Регистр сейчас не видит", "Lost by the register now"),
    "take": Text(
        "Асырап алу не қамқорлыққа алу", "Усыновить или взять под опеку", "Adopt, or take into care"
    ),
    "child": Text("Бала", "Ребёнок", "Child"),
}
