from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "quancheng.kernel.phone"
    label = "phone"
    verbose_name = "离线手机"

    def ready(self) -> None:
        from quancheng.kernel.phone import parts
        from quancheng.kernel.phone.models import DeviceKey
        from quancheng.kernel.phone.services import KIND
        from quancheng.kernel.vault import services as vault

        parts.register_own()
        vault.register_column(f"phone_devicekey.key:{KIND}", vault.reseal_of(DeviceKey, "key"))
