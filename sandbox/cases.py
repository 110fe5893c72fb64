"""What the story of each person of the cast shows, for the table on the first page."""

from sandbox.texts import Text

AIGUL = Text(
    "Қарапайым жағдай, осыдан бастаңыз. Арманның екі анықтамасы да бар, Аружанның 052-2/у анықтамасы жоқ.",
    "Обычный случай, начните с него. У Армана обе справки есть, у Аружан нет справки 052-2/у.",
    "The ordinary case, start here. Arman has both papers, Aruzhan lacks the 052-2/у.",
)
DANIYAR = Text(
    "Арман мен Аружанның әкесі: бір балаға екінші өтінім берілмейтінін көрсетеді.",
    "Отец Армана и Аружан: показывает, что второе заявление на ребёнка не примут.",
    "Father of Arman and Aruzhan: shows that a second application for a child is not taken.",
)
ELENA = Text(
    "Орысша. Максим әлі кішкентай, ал Анна 1-сыныпқа қабылданған.",
    "На русском. Максим ещё мал, а Анна уже зачислена в 1 класс.",
    "In Russian. Maxim is too young, Anna is already enrolled in grade 1.",
)
ERLAN = Text(
    "Мекенжайы ешқандай мектепке тіркелмеген. Ұлы 31 желтоқсанда 6-ға толады: соңғы рұқсат етілген күн.",
    "Адрес не закреплён ни за одной школой. Сыну исполнится 6 лет 31 декабря: последний допустимый день.",
    "The address belongs to no school. The son turns 6 on 31 December: the last day admitted.",
)
DINA = Text(
    "Мекенжайы екі мектептің шағын ауданында.",
    "Адрес относится к микроучасткам двух школ.",
    "The address lies in the microdistricts of two schools.",
)
SAULE = Text(
    "Баланың медициналық анықтамалары жүйеде жоқ: оларды қолмен жүктейді.",
    "Медицинских справок ребёнка в системе нет: их загружают вручную.",
    "The medical system has no papers of the child: they are uploaded by hand.",
)
GULNAR = Text(
    "Ерекше білім беру қажеттіліктері бар бала: ПМПК анықтамасын тіркеу керек.",
    "Ребёнок с особыми образовательными потребностями: нужно заключение ПМПК.",
    "A child with special educational needs: a PMPC certificate must be attached.",
)
SANZHAR = Text(
    "Нөмірі Мобильді азаматтар базасында жоқ: кіру коды Digital ID арқылы келеді, 1414 SMS жібере алмайды.",
    "Номера нет в Базе мобильных граждан: код входа приходит через Digital ID, 1414 не может послать SMS.",
    "The number is not in the Mobile Citizens Database: the code comes by Digital ID, 1414 cannot write.",
)
BAUYRZHAN = Text(
    "Ауылда тұрады. Қызы даярлық (0) сыныпқа барады: бұл өтінім беруге кедергі емес.",
    "Живёт в селе. Дочь ходит в предшкольный (0) класс: это не мешает подаче.",
    "Lives in a village. The daughter is in preschool (grade 0): that does not block.",
)
OLGA = Text(
    "Орысша. Қамқоршы: заңды өкіл өтінім береді, Алматы.",
    "На русском. Опекун: заявление подаёт законный представитель, Алматы.",
    "In Russian. A guardian: the legal representative applies, Almaty.",
)
DIRECTOR = Text(
    "Мектеп директоры: шешімге қол қояды.",
    "Директор школы: подписывает решение.",
    "School director: signs the decision.",
)
EXECUTOR = Text(
    "Мектеп орындаушысы: шешімді дайындайды.",
    "Исполнитель школы: готовит решение.",
    "School executor: prepares the decision.",
)
OFFICER = Text(
    "Білім басқармасының маманы.",
    "Специалист управления образования.",
    "Officer of the education department.",
)
OPS = Text(
    "Портал қызметі: қызметкерлерді тағайындайды.",
    "Служба портала: назначает сотрудников.",
    "Portal operations: appoints staff.",
)
