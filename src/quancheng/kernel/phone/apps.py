from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "quancheng.kernel.phone"
    label = "phone"
    verbose_name = "离线手机"

    def ready(self) -> None:
        from quancheng.kernel.phone import parts, services
        from quancheng.kernel.vault import services as vault

        parts.register_own()
        vault.register_column("phone_devicekey.key:device_key", services.reseal_keys)
