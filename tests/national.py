"""A made-up national plan, to see whether diagrams hold at that size: a workspace with it beside the two documents."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = "national-2030"
FIELDS = """
    教育 科技 工业和信息化 民族事务 公安 民政 司法 财政 人力资源社会保障 自然资源 生态环境 住房城乡建设 交通运输 水利 农业农村
    商务 文化和旅游 卫生健康 退役军人事务 应急管理 审计 市场监管 金融监管 广播电视 体育 统计 医疗保障 国际发展合作
    机关事务管理 知识产权 信访 粮食和物资储备 能源 数据管理 国防科技工业 烟草专卖 移民管理 林业和草原 铁路 民用航空 邮政
    文物保护 中医药管理 疾病预防控制 矿山安全监察 消防救援 药品监管 档案管理 保密管理 密码管理 外汇管理 气象 地震 红十字
    残疾人联合 妇女联合 工会联合 共青团 科学技术协会 计划生育协会
""".split()
VERBS = "完善 健全 加强 推进 落实 规范 建立 扩大 优化 支持".split()
OBJECTS = (
    "托育服务供给体系 从业人员培养与岗位培训制度 用地用房与配套设施标准 安全管理和风险防控责任 普惠价格形成与补助机制".split()
)
OBJECTS += (
    "信息登记备案与数据共享平台 医育结合支持中心建设 家庭照护指导服务网络 综合监管与信用评价办法 税费减免和金融支持政策".split()
)


def plan(folder: Path, departments: int = 60, tasks: int = 300, sections: int = 12, seed: int = 1) -> Path:
    """Write the workspace. Each task has one lead and up to nine others, few departments many tasks."""
    chance = random.Random(seed)
    for name in ("policy", "facts", "queries", "visualize"):
        shutil.copytree(ROOT / name, folder / name)
    names = [f"国家{field}部门" for field in FIELDS[:departments]]
    assert len(names) == len(set(names)) == departments
    weights = [1 / (n + 1) ** 0.6 for n in range(departments)]
    clauses = ["title = '某某国家行动计划（2026—2030年）'", "number = '国办发〔2030〕1号'", "issuer = '某某办公室'"]
    clauses += [f"\n[[clause]]\nid = '{s}'\nparent = ''\nheading = '{_section(s)}'" for s in range(1, sections + 1)]
    facts = ["department:", *(f"- name: {name}" for name in names), "", "task:"]
    for number in range(tasks):
        section = number * sections // tasks + 1
        title = f"{chance.choice(VERBS)}{chance.choice(OBJECTS)}（第{number + 1}项）"
        clauses.append(f"\n[[clause]]\nid = '{section}.{number + 1}'\nparent = '{section}'\nheading = '{title}'")
        bodies = list(dict.fromkeys(chance.choices(names, weights, k=chance.randint(2, 10))))
        if number < departments:
            bodies = list(dict.fromkeys([names[number], *bodies]))
        facts += [f"- task: '{section}.{number + 1}'", f"  section: '{section}'", f"  title: {title}"]
        facts += [f"  responsible: [{', '.join(bodies)}]"]
    (folder / "policy" / f"{DOCUMENT}.toml").write_text("\n".join(clauses) + "\n", "utf-8")
    (folder / "facts" / f"{DOCUMENT}.yaml").write_text("\n".join(facts) + "\n", "utf-8")
    return folder


def _section(number: int) -> str:
    return f"第{number}部分　{OBJECTS[number % len(OBJECTS)]}的总体部署"
