"""Write the migration that leads from the newest one to what `models/` says."""

import re
import sys
import tempfile
from pathlib import Path

from alembic import command

from core import migrations
from core.database import connect


def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = connect(f"sqlite:///{Path(folder) / 'empty.db'}")
        if list((migrations.FOLDER / "versions").glob("*.py")):
            migrations.upgrade(database)
        config = migrations.config()
        number = len(list((migrations.FOLDER / "versions").glob("*.py"))) + 1
        slug = re.sub(r"\W+", "_", message.lower()).strip("_")
        config.set_main_option("file_template", f"{number:04}_{slug}")
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])
