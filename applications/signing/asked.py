"""What is asked of batches to sign, prepared."""

from datetime import datetime

from accounts.prepared import Prepared
from applications.models import Application, SigningBatch, SigningRequest

APPLICATION = Prepared(lambda application: Application.objects.filter(pk=application).with_facts(), int)
RECENT = Prepared(
    lambda user, after, application: (
        SigningBatch.objects.filter(
            user=user, expires_at__gt=after, signing_requests__application=application
        )
        .order_by("-pk")
        .distinct()
    ),
    int,
    datetime,
    int,
)
HELD = Prepared(
    lambda applications: (
        Application.objects.select_for_update(no_key=True)
        .filter(pk__among=applications)
        .order_by("pk")
        .values_list("pk")
    ),
    list[int],
)
OWNERS = Prepared(
    lambda requests: (
        SigningRequest.objects.select_for_update().filter(pk__among=requests).order_by("pk").values_list("pk")
    ),
    list[int],
)
OF_BATCH = Prepared(lambda batch: SigningRequest.objects.filter(batch=batch).order_by("pk"), int)
SAME = Prepared(  # the purpose and the decision are in the content
    lambda user, applications, contents: (
        SigningRequest.objects.filter(
            batch__user=user, application__among=applications, content_sha256__among=contents
        )
        .exclude(payload="")
        .order_by("pk")
    ),
    int,
    list[int],
    list[str],
)
