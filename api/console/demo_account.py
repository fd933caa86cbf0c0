"""The admin of the demo shop: made once with a password of its own, which each start prints while it still holds."""

from dataclasses import dataclass

from api.auth import operators
from api.auth.passwords import matches, random_password
from api.auth.rights import Role
from api.console.secret import kept_private
from api.services import Services
from knowledge.kit.errors import ConflictError

LOGIN = "admin"


@dataclass(frozen=True)
class DemoAccount:
    """`password` is blank once the person has changed it."""

    login: str
    password: str


async def demo_account(services: Services, shop_id: str) -> DemoAccount:
    """Raises: ConfigurationError when the home folder cannot keep the password."""
    password = kept_private(services.home / "demo-password", random_password())
    async with services.database.transaction(shop_id) as scope:
        known = await operators.listed(scope)
    if not known:
        try:
            async with services.database.transaction(shop_id) as scope:
                await operators.create_operator(scope, LOGIN, name="演示管理员", password=password, roles=[Role.ADMIN])
            return DemoAccount(LOGIN, password)
        except ConflictError:  # a login of another shop on the same database
            return DemoAccount(LOGIN, "")
    own = next((one for one in known if one.login == LOGIN), None)
    # Compared, not tried: a password that was changed must not count towards locking its owner out.
    holds = own is not None and await matches(password, own.password_hash)
    return DemoAccount(LOGIN, password if holds else "")
