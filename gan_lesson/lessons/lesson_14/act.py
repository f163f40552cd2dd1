"""What the European Union's AI Act says of generated images: the ONE file that the lesson reads.

Whoever looks the law up again changes this file, `AS_OF` first; the box of the lesson, its six
cases and the page of practice follow. `CHECK` says what to look for. It is no legal advice.
"""

from datetime import date
from typing import NamedTuple

AS_OF = date(2026, 11, 30)
ACT = "Regulation (EU) 2024/1689 (AI Act)"
AMENDED_BY = "Regulation (EU) 2026/1744, in force since 27 July 2026"
APPLIES_FROM = "2 August 2026 (Article 113)"


class Rule(NamedTuple):
    """One duty: its article, whom it binds, what it asks, and where it ends."""

    article: str
    who: str
    duty: str
    limit: str


RULES = (
    Rule(
        "50(1)",
        "provider",
        "People who deal with an AI system directly are told that it is one.",
        "Unless that is obvious.",
    ),
    Rule(
        "50(2)",
        "provider",
        "Generated audio, image, video and text are marked, in a machine-readable format, and "
        "can be detected as generated, as far as this is technically feasible.",
        "Not for standard editing, and not if the input is not substantially altered. Systems on "
        "the market before 2 August 2026 must comply by 2 December 2026: Article 111(4).",
    ),
    Rule(
        "50(4)",
        "deployer",
        "Who makes a deep fake with an AI system says that it is generated or manipulated.",
        "For evidently artistic, creative, satirical, fictional or similar works it is enough to "
        "say, in a fitting way, that there is such content.",
    ),
    Rule(
        "50(5)",
        "both",
        "This information is clear, and comes at the first contact at the latest.",
        "",
    ),
)

WORDS = (
    ("A provider", "3(3)", "develops an AI system, or has it developed, and puts it on the market "
     "or into service under its own name or trademark"),
    ("A deployer", "3(4)", "uses an AI system under its authority, but not in the course of a "
     "personal non-professional activity"),
    ("A deep fake", "3(60)", "is a generated or manipulated image, audio or video that resembles "
     "existing persons, objects, places, entities or events, and would falsely appear authentic "
     "or truthful"),
)  # fmt: skip

NOT_SAID = (
    "Article 50 does not forbid anybody to remove a mark, and it names no technique.",
    "Other law applies beside it: data protection, copyright, the right to one's own image, "
    "criminal law.",
    "Left out here: Article 50(3), the texts of Article 50(4), and the exceptions for law "
    "enforcement.",
)

PROVIDER, DEPLOYER, NOBODY = "provider", "deployer", "nobody"
ANSWERS = (PROVIDER, DEPLOYER, NOBODY)


class Case(NamedTuple):
    """A case: a short name, what happens, on whom Article 50 puts a duty, and why."""

    name: str
    story: str
    bound: str
    why: str


CASES = (
    Case(
        "image service",
        "A firm offers a new service in the EU that draws images from a sentence. Nothing in its "
        "files tells that they are generated. Who has to mark them?",
        PROVIDER,
        "Article 50(2): the firm has to mark what its system generates.",
    ),
    Case(
        "news photograph",
        "A newspaper makes a photograph of a living minister with such a service, and prints it "
        "as if it had been taken. Who has to tell the readers?",
        DEPLOYER,
        "Article 50(4) with 3(60): the newspaper uses the system professionally, so it has to say "
        "that the image is generated.",
    ),
    Case(
        "video adviser",
        "A bank uses a system that its maker sells under the maker's name. An invented face on the "
        "screen answers customers, who take it for an employee. Who has to build the system so "
        "that it tells them?",
        PROVIDER,
        "Article 50(1): the maker has to design the system so that people are told.",
    ),
    Case(
        "satire on stage",
        "A theatre generates a video of a living minister with an AI system, and shows it in an "
        "evidently satirical play. Who has to tell the audience?",
        DEPLOYER,
        "Article 50(4): the theatre has to say that there is such content, in a way that does not "
        "spoil the play.",
    ),
    Case(
        "birthday",
        "At home, somebody makes a generated video of a friend for the friend's birthday, and "
        "shows it to the family. Who of them has to say so?",
        NOBODY,
        "Articles 3(4) and 2(10): a personal non-professional activity makes nobody a deployer. "
        "Other law, such as the friend's right to the image, still applies, and the maker of the "
        "system still has to mark what it generates.",
    ),
    Case(
        "brighter photographs",
        "The maker of a camera sells it with an AI system that makes photographs a little "
        "brighter, and nothing else. Who has to mark these photographs?",
        NOBODY,
        "Article 50(2) excepts an assistive function for standard editing, and whatever does not "
        "substantially alter the input.",
    ),
)

SOURCES = (
    ("AI Act, text in the Official Journal", "https://eur-lex.europa.eu/eli/reg/2024/1689/oj"),
    ("the amendment", "https://eur-lex.europa.eu/eli/reg/2026/1744/oj"),
    (
        "AI Act Service Desk of the Commission, Article 50",
        "https://ai-act-service-desk.ec.europa.eu/en/ai-act/article-50",
    ),
)

CHECK = (
    "Is there a newer consolidated text of Regulation (EU) 2024/1689 than that of 27 July 2026?",
    "Do Articles 3(3), 3(4), 3(60), 50(1) to 50(5) and 111(4) still say what RULES, WORDS and "
    "CASES say?",
    "Is the day of Article 111(4), 2 December 2026, over? Then its sentence can go.",
    "Have the Commission's guidelines on Article 50, C(2026) 5054, or a court changed whom a case "
    "binds?",
)


def what_to_check(today: date) -> str:
    """Return "" while the file is less than a year old, and afterwards what to look up.

    Args:
        today: the day on which it is asked.
    """
    age = (today - AS_OF).days
    if age < 365:
        return ""
    steps = "\n".join(f"- {step}" for step in CHECK)
    return (
        f"act.py says what the law was on {AS_OF:%d %B %Y}, {age} days ago. Look up:\n{steps}\n"
        "Then set AS_OF, and build the lesson again."
    )
