"""The demo has passwords that everybody knows: whatever the machine is set to, it stays its own."""

from pathlib import Path

from core.settings import Settings
from simulator import demo


def test_on_a_machine_with_settings_for_the_world_it_stays_on_loopback(tmp_path: Path) -> None:
    """Those of an .env in the same folder, which the product reads."""
    env = tmp_path / ".env"
    env.write_text(
        "HOST=0.0.0.0\nREDIS_URL=redis://brand/0\nDATABASE_URL=postgresql://brand/musubi\n"
        "RUN_DIR=/run/musubi\nSMS_SENDER=twilio\nLINE_API_URL=https://api.line.me\n"
        "LINE_CHANNEL_SECRET=the-brands-own\nPUBLIC_URL=https://line.brand.example\n"
    )
    told = demo._settings(tmp_path, "http://127.0.0.1:9000", "http://127.0.0.1:8000", 8000)
    given = {name.lower(): value for name, value in told.items()}
    settings = Settings.load(env, **given)
    assert settings.host == "127.0.0.1"
    assert settings.redis_url == ""
    assert settings.database_url.startswith(f"sqlite:///{tmp_path}")
    assert settings.run_dir.is_relative_to(tmp_path)
    assert settings.line_api_url == "http://127.0.0.1:9000"
    assert "brand" not in settings.line_channel_secret.get_secret_value()
