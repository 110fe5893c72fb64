from django.urls import path

from accounts.views import children, consent, consents, login, profile, session

app_name = "accounts"
urlpatterns = [
    path("login/", login.login, name="login"),
    path("login/<slug:problem>/", login.problem, name="login_problem"),
    path("auth/egov/", login.callback, name="callback"),
    path("logout/", session.logout, name="logout"),
    path("session/", session.extend, name="extend"),
    path("language/", session.language, name="language"),
    path("consent/", consent.own, name="consent"),
    path("children/", children.listing, name="children"),
    path("children/refresh/", children.refresh, name="refresh_children"),
    path("children/add/", children.add, name="add_child"),
    path("children/add/<int:consent_id>/", children.asked, name="child_consent"),
    path("children/add/<int:consent_id>/confirm/", children.confirm, name="confirm_child"),
    path("children/<int:child_id>/consent/", children.renew, name="renew_consent"),
    path("profile/", profile.profile, name="profile"),
    path("profile/consents/", consents.listing, name="consents"),
    path("profile/consents/<int:consent_id>/", consents.revoke, name="revoke_consent"),
    path("profile/phone/", profile.phone, name="phone"),
    path("profile/phone/not-mine/", profile.disown_phone, name="disown_phone"),
    path("profile/ways/", profile.ways, name="ways"),
    path("profile/refresh/", profile.refresh, name="refresh_profile"),
]
