"""The one Spark session of this process."""

from __future__ import annotations

import logging
import os
import warnings
from functools import cache
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from ...errors import EngineError
from ...language import say

if TYPE_CHECKING:
    from py4j.java_gateway import JavaGateway

MASTER = "ZHENGCE_SPARK"
LOCAL = {  # what a cluster has of its own
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
}
QUIET = {"spark.log.level": "OFF", "spark.ui.showConsoleProgress": "false"}
SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # what cannot be worked out is an error, not null
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ReorderAssociativeOperator",  # hides overflow
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.variable.substitute": "false",  # `${x}` is text
}


@cache
def session() -> SparkSession:
    """A session with settings of its own, by `ZHENGCE_SPARK`, or on this machine. Raises `EngineError`."""
    logging.getLogger("SQLQueryContextLogger").disabled = True  # errors are told by exceptions
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")  # which is not used
    master = os.environ.get(MASTER, "local[*]")
    try:
        found = SparkSession.builder.remote(master).getOrCreate() if master.startswith("sc://") else _classic(master)
        with warnings.catch_warnings(action="ignore"):  # a setting is deprecated, but might be wrong
            for name, value in SETTINGS.items():
                found.conf.set(name, value)
        if master.startswith("local"):
            found.conf.set("spark.sql.shuffle.partitions", str(found.sparkContext.defaultParallelism))
    except (PySparkException, OSError) as error:
        hint = say(
            "要 Java 17 或更新的版本（如 apt install openjdk-17-jre-headless）；"
            "集群写在 {name} 里，如 local[*]、spark://主机:7077、yarn、sc://主机",
            name=MASTER,
        )
        raise EngineError(say("Spark 启动不了：{problem}", problem=str(error).strip()), hint=hint) from None
    return found


def _classic(master: str) -> SparkSession:
    """One beside those of the user's own program, if it has any."""
    if SparkContext._active_spark_context is None:
        conf = SparkConf().setMaster(master).setAppName("zhengce").setAll([*QUIET.items()])
        if master.startswith("local"):
            conf.setAll([*LOCAL.items()])
        SparkContext(conf=conf, gateway=_gateway(conf))
    return SparkSession.builder.getOrCreate().newSession()


def _gateway(conf: SparkConf) -> JavaGateway:
    """Java, which says nothing but why it does not start."""
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        try:
            return launch_gateway(conf, {"stderr": said})  # type: ignore[no-untyped-call]
        except PySparkException:
            said.seek(0)
            raise OSError(said.read()) from None
